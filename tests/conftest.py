"""The tree of runs made by hand, made once for all tests that read it."""

import pytest

from tests.handmade import ANSWERS, build


@pytest.fixture(scope="session")
def tree(tmp_path_factory):
    """The folder of the tree, estimated. Tests must leave it as it is."""
    return build(tmp_path_factory.mktemp("tree"), ANSWERS)
