"""Other solvers on the same weeks, each modelled as well as it allows."""
