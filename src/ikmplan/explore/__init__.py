"""The planner's page. Never imports `compare` or `batch`."""
