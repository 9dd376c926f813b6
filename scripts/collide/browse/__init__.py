"""Pages that show all runs: their scores, texts and ratings."""
