"""Textual-gradient optimization of a judge prompt, and the judge that rates pairs with it."""
