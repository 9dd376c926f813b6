"""The one error that users are meant to read."""

from __future__ import annotations


class InputError(Exception):
    """Something given to the pipeline is wrong. The message is one sentence: where, what was found, what was expected."""
