"""Batch API: the requests of evaluation and diagnostics are sent in files, at a lower price, and answered within a day."""
