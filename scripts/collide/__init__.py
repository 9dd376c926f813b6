"""Package behind the scripts: one folder per question, see docs/extending.md."""
