"""What the product talks about: frozen dataclasses, no database, no HTTP, no clock."""
