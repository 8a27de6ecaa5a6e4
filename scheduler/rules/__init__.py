"""What may be: one answer about a volunteer and a visit for planner, pages and placing by hand."""
