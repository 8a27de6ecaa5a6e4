"""From needs to a published plan: expand, eligibility, bridge, solve, check, publish."""
