"""Exhibits: kinds of tables and figures, the exhibits of each study, and the plans of their files."""
