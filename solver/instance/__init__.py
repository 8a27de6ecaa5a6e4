"""A problem as arrays that compiled code reads: numbering, candidates, legs, the grid of starts, random numbers."""
