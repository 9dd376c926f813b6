"""Tables, figures and the document: they show the estimates and compute none."""
