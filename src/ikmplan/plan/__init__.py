"""What was decided, and whether it is true: the plan, its audit. Never imports `model`."""
