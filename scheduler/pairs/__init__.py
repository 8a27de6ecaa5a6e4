"""Lasting companions of one person: proposed, tried out, kept, handed over."""
