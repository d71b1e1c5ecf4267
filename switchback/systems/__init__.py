"""One module per touched system. Driver errors become ours here and nowhere else."""
