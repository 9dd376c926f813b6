import pytest

from collide.corpus.preset_reader import read_preset
from collide.errors import InputError


def test_an_unknown_preset_is_refused():
    with pytest.raises(InputError, match=r"the preset 'hana' does not exist; did you mean hanna\?"):
        read_preset("hana")
    with pytest.raises(InputError, match=r"the preset 'x' does not exist; expected one of asap-pp, brighter, "):
        read_preset("x")
