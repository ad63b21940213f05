"""What else could be done: the way from a given plan, other plans as good, the cheapest."""
