"""Usage, spending limits and cost of model calls, and their forecast."""
