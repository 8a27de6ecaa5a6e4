"""What pages and lists read, one module a reader."""
