"""How sure is a plan? Its uncertain numbers drawn together, and what the plan is worth in each."""
