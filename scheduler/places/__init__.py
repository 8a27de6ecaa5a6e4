"""Where everybody and everything is: the areas of a town, and the organisations in them."""
