"""Changes to a published plan: exact repair, recommendations, standbys."""
