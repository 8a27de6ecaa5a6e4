"""The pages and the API: HTTP and nothing else."""
