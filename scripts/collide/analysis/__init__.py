"""Metrics, bootstrap intervals and estimates computed from predictions and ratings."""
