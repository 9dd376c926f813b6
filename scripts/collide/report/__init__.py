"""Tables and figures: what they show is read from the estimates, and nothing is worked out here."""
