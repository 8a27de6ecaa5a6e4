"""What runs by itself, and what undoes it: the night, repairs, standby lists, sending, going back."""
