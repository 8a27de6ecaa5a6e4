"""The pricing problem: every volunteer's best days and weeks at given duals, and what prunes the search."""
