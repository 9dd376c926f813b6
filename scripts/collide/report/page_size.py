"""Widths of figures and of the document's text, in inches, those of a two-column paper."""

COLUMN = 3.35
# Both columns and the gap between them.
PAGE = 6.9
