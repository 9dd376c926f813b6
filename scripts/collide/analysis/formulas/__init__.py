"""Formulas of metrics: from values per pair, and from count tables for all resamples at once."""
