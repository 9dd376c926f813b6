"""Claims of the paper as data, each checked against the estimates of these runs, and shown as a page."""
