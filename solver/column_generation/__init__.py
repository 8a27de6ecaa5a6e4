"""Bounds and plans from duals: Lagrangian relaxation, column generation, enumeration and set partitioning."""
