"""Large neighbourhood search: insertion, a first plan by construction, ruin and recreate under annealing."""
