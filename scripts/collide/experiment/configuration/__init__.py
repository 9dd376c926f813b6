"""The configuration: its layers, its schema, and the references between its keys."""
