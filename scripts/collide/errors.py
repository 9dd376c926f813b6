"""The error class for problems that the user can fix."""

from __future__ import annotations


class InputError(Exception):
    """An error that the user can fix: input, configuration, a full disk, a lock held by another process.

    Printed as one sentence without a traceback: where, what was found, what was expected.
    """


class MissingKey(InputError):
    """The environment variable that holds the key of an endpoint is not set, so that nothing can be sent there."""


class MissingPredictions(InputError):
    """Too many replies of a judge are unusable, and no rewritten instruction can be the reason."""
