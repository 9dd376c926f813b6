"""The handmade tree of runs, and the grouping of tests that share an expensive fixture."""

import pytest

from tests.handmade import ANSWERS, build

# Fixtures that take long and that several files of tests share.
SHARED = ("finished", "tree")


# First, since pytest-xdist reads the groups in the same hook.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Keep tests of the same shared fixture in one process, so that parallel processes do not make it twice."""
    for item in items:
        for name in SHARED:
            if name in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.xdist_group(name))


@pytest.fixture(scope="session")
def tree(tmp_path_factory):
    """The folder of the tree with its estimates. Tests must not change it."""
    return build(tmp_path_factory.mktemp("tree"), ANSWERS)
