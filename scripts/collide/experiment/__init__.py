"""An experiment: configuration, criteria, decomposition modes, gates, and the list of its runs."""
