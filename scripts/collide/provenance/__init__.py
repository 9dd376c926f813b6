"""Provenance of results: a manifest, an RO-Crate, a bundle for reviewers, and the list of claims for artifact committees."""
