"""Needs, and the dated slots that come of them."""
