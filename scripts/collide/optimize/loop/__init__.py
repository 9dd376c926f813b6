"""The loop of multi-objective TextGrad: its settings, its steps and their records."""
