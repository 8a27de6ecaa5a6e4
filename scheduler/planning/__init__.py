"""From a snapshot to a published plan: build, solve, check, publish."""
