"""Texts of replies: the form that a server is asked for, marks to take off, and JSON with wrong punctuation."""
