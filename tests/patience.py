"""Time limits of tests. They end a test that hangs; no test may pass or fail by the speed of the machine."""

import contextlib
import time

# Seconds after which a process counts as hanging. A small run takes under a minute; on a busy machine it may take ten.
PATIENCE = 1800
# Seconds after which a server on this machine counts as hanging. It answers in milliseconds.
REPLY_PATIENCE = 120


@contextlib.contextmanager
def limit_work(seconds=30):
    """Fail if the block takes more processor time. For work of about 0.1 s that would take hours if its time grew faster than
    its input."""
    start = time.process_time()
    yield
    assert time.process_time() - start < seconds


def wait_until(condition):
    """Wait until the function `condition` returns a true value."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.01)
