"""What really happened: attendance, hours, measures."""
