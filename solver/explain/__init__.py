"""Why this person, why not that one, why nobody: answers on a plan as it stands."""
