"""Signals that end a run: how Snakemake's process takes them, and its jobs while they start."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any

# Variable that tells jobs that Snakemake starts after a signal to end at once: the signal has not reached them.
STOPPING = "COLLIDE_STOPPING"
# Ctrl-C, `kill` and schedulers, and the end of a terminal or of a connection.
ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def list_handled_signals() -> list[signal.Signals]:
    """Return the ending signals that this process is not told to ignore, as `nohup` does with SIGHUP."""
    return [number for number in ENDING_SIGNALS if signal.getsignal(number) != signal.SIG_IGN]


def shorten_interrupts() -> None:
    """Let this process end at Ctrl-C with one sentence instead of a traceback, while Snakemake plans its jobs, for example."""
    show = sys.excepthook

    def show_briefly(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            print("Interrupted. Run the same command again to continue.", file=sys.stderr)
        else:
            show(kind, error, trace)

    sys.excepthook = show_briefly


def prepare_for_signals(scheduler: Any) -> None:
    """Make Snakemake's scheduler end in order at any signal: start no job any more, and wait for those that run.

    Call it before the scheduler starts its first job.
    """
    _relay_signals(scheduler)
    _hold_interrupts_in_jobs(scheduler)


def _relay_signals(scheduler: Any) -> None:
    """Handle SIGTERM in a thread, and SIGINT and SIGHUP like it.

    Snakemake (checked with 9.27) takes a lock in its handler of SIGTERM. If the signal arrives while the main thread holds this
    lock, the main thread waits for itself for ever. SIGINT raises KeyboardInterrupt wherever the main thread is, and sometimes
    leaves an event loop that cannot be closed.
    """

    def relay(number: int, _: object) -> None:
        os.environ[STOPPING] = "1"
        threading.Thread(target=scheduler.exit_gracefully).start()
        if number == signal.SIGINT:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    # Jobs on a cluster do not get Ctrl-C: there Snakemake cancels them at KeyboardInterrupt.
    kept = {signal.SIGINT} if scheduler._local_executor else set()
    for number in set(list_handled_signals()) - kept:
        signal.signal(number, relay)


def _hold_interrupts_in_jobs(scheduler: Any) -> None:
    """Let jobs on this machine start with SIGINT blocked, until their script allows it (see `allow_interrupts`).

    An interrupt while Python and the imports load would otherwise print the traceback of some library.
    """
    for executor in (scheduler._executor, scheduler._local_executor):
        # The executor of a cluster has no pool. A process inherits the mask of the thread that starts it.
        if hasattr(executor, "pool"):
            executor.pool = ThreadPoolExecutor(executor.workers, initializer=_block_interrupts)


def _block_interrupts() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


@contextlib.contextmanager
def allow_interrupts() -> Iterator[None]:
    """Raise KeyboardInterrupt for a SIGINT that has been blocked so far, and for later ones until the end of the block.

    Raise it also if Snakemake got a signal before it started this job.
    """
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, set())
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        if STOPPING in os.environ:
            raise KeyboardInterrupt
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        if signal.SIGINT in mask:
            # The work of this job is done. While Python ends, SIGINT would kill it through the threads of libraries, which do
            # not block it.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
