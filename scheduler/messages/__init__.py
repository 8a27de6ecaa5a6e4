"""What people are told: the words, the outbox, the ways out."""
