"""What everything that simulated replies went into says on its face."""

SIMULATED = "SIMULATED: replies of the built-in simulator, a check of the pipeline and no evidence about the paper"

SIMULATED_PREFIX = "simulated/"
"""How the names of simulated models begin, in process or served."""
