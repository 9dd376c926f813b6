"""The authors' published logs: which runs a folder holds, and their conversion to this project's files."""
