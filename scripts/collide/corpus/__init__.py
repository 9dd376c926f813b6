"""Pairs of a document and a summary with human scores: reading them from public files, checking and splitting them."""
