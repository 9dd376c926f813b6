"""The replies of a simulated model in each role: judge, loss, gradient, optimizer, and evaluator of the diagnostics."""
