"""Comparison of our numbers with those of the paper: margins, sampling errors and measured differences."""
