"""What people write, read and written back: fields, forms, and the sheets that name their columns."""
