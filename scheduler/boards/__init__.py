"""What staff look at first: today, the week, the map, two plans side by side."""
