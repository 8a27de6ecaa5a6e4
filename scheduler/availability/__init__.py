"""When volunteers are free, as they say it, and what there is for them then."""
