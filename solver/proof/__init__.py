"""The bound derived again from the duals stored with a solution; shares no code with what found them."""
