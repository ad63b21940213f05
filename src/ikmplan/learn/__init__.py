"""What came of a plan: filled-in forms read, counted into the case, and what that changes."""
