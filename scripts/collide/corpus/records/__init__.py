"""Records that become pairs as a data set's section `records` says."""
