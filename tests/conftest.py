"""The handmade tree of runs, the distribution of test files over parallel processes, and the check of sums."""

import builtins
import signal
import sys
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.handmade import ANSWERS, build

WORKFLOW = Path(__file__).parent / "workflow"
PACKAGE = str(Path(__file__).parents[1] / "scripts" / "collide")


def pytest_configure():
    accept_signals()
    refuse_sums_of_floats()


def accept_signals():
    """Let this process and those that it starts end at the signals that tests send. A shell makes what it starts in the
    background ignore interrupts, and `nohup` the end of a terminal; each process hands that down."""
    for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, handler)


def refuse_sums_of_floats():
    """Let every test fail that reaches a built-in sum of floats in the package: Python 3.11 rounds it differently from later
    versions, and a comparison of two such sums may be decided differently."""
    plain_sum = builtins.sum

    def sum_integers(*arguments, **options):
        total = plain_sum(*arguments, **options)
        if isinstance(total, float) and sys._getframe(1).f_code.co_filename.startswith(PACKAGE):
            raise AssertionError("use math.fsum for floats: the built-in sum rounds differently in Python 3.11 and 3.12")
        return total

    builtins.sum = sum_integers


class SharedRunScheduling(LoadScopeScheduling):
    """Gives each test file to one process, and to the same process all files that use the finished run of the whole workflow:
    otherwise each process would make that run anew."""

    def _split_scope(self, nodeid):
        file = nodeid.partition("::")[0]
        return "finished run" if file in FILES_WITH_FINISHED_RUN else file


FILES_WITH_FINISHED_RUN = {
    f"tests/workflow/{path.name}" for path in WORKFLOW.glob("test_*.py") if "finished" in path.read_text(encoding="utf-8")
}


def pytest_xdist_make_scheduler(config, log):
    return SharedRunScheduling(config, log)


@pytest.fixture(scope="session")
def tree(tmp_path_factory):
    """The folder of the tree with its estimates. Tests must not change it."""
    return build(tmp_path_factory.mktemp("tree"), ANSWERS)
