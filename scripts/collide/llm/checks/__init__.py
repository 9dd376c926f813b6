"""Checks of models with a few small calls, before a study spends money: what works, and what to change in config.yaml."""
