"""What everything that simulated replies went into says on its face."""

SIMULATED = "SIMULATED: replies of the built-in simulator, a check of the pipeline and no evidence about the paper"
