"""The ledger of claims: what the paper says, what these runs say, and whether the second bears the first out."""
