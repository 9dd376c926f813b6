"""HTTP transport to an OpenAI-compatible endpoint: connections, error classes and rate limits."""
