"""A disk that fills up, without a disk."""

import contextlib
import resource


@contextlib.contextmanager
def largest_file(size):
    """Files grow up to `size` bytes: a longer write is cut short there, and the next one fails, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
