"""Many scenarios: jobs, workers, sweeps, progress."""
