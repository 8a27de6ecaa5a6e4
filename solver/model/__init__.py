"""What is planned and what a plan is: problems, solutions, the objective and the independent check; plain Python."""
