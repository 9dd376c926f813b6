"""Paths that rules pass to each other."""

import pytest

from collide.errors import InputError
from collide.experiment.paths import check_braces


def test_a_path_with_braces_is_refused_by_name():
    check_braces({"the project": "/a folder/with 'quotes', #, $ and é", "the corpus": "embedded", "the filled sheet": ""})
    with pytest.raises(InputError, match=r"the path of the corpus, 'my \{x\}\.jsonl', has braces, .*; rename it"):
        check_braces({"the project": "/", "the corpus": "my {x}.jsonl"})
