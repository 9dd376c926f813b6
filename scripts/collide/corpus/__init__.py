"""The corpus room: pairs of a document and a summary with human scores, where they come from, and how they are split."""
