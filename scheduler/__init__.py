"""The product without HTTP: people, needs, plans and promises."""
