"""What was promised to people: replies, standbys, swaps, and what ends a promise."""
