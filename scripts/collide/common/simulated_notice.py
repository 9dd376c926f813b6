"""The notice for simulated replies, printed on tables, figures and pages; CSV files have a column `source`."""

SIMULATED_NOTICE = "SIMULATED: replies of the built-in simulator, a check of the pipeline and no evidence about the paper"

# Simulated models carry this prefix in the replies themselves, so that the notice is also printed where the simulator is
# served over HTTP and configured like a live endpoint.
SIMULATED_MODEL_PREFIX = "simulated/"
