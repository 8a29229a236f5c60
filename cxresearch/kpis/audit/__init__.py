"""Is a number made to look better than it is? Signs of it, each against what the desk does else."""
