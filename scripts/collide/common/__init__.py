"""Support for scripts and rules: files, logs, the simulated notice and code tracking."""
