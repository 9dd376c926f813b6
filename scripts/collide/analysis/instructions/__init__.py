"""Instructions of optimized prompts: their lengths, and cherry-picking from Single-Task runs (paper, section 6.3)."""
