"""Locks on files against other processes, with a record that says whose a lock is."""
