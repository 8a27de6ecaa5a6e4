"""Volunteers and recipients: their forms, their duplicates, their privacy."""
