"""Package behind the scripts: one folder per question, see README.md."""
