"""Estimated quantities, one module per family: what they are computed from, and how they are resampled."""
