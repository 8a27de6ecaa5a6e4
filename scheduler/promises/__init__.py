"""What was promised to people: replies, standbys, messages."""
