"""The boundary to models: requests in, replies with usage out."""
