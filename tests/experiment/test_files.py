from pathlib import Path

import pytest

from collide.experiment.files import find_missing_file, read_address, resolve_file
from tests.dataset import CONFIG


def with_file(file):
    return CONFIG | {"datasets": {"mine": CONFIG["datasets"]["summeval"] | {"file": file}}, "source": "live"}


def test_a_data_set_has_one_file_for_all_sources_or_one_for_each():
    each = {"simulated": "a.csv", "live": "b.csv", "local": "c.csv"}
    assert [resolve_file(with_file(each), "mine", source) for source in each] == ["a.csv", "b.csv", "c.csv"]
    assert resolve_file(with_file("one.csv"), "mine", "local") == "one.csv"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("~/pairs.csv", str(Path.home() / "pairs.csv")),
        ("file:///data/my%20pairs.csv", "/data/my pairs.csv"),
        ("HTTPS://example.org/a", "https://example.org/a"),
        ("a #1 file, 100%.csv", "a #1 file, 100%.csv"),
    ],
)
def test_an_address_may_be_written_as_people_do(written, read):
    assert read_address(written) == read


def test_a_file_that_is_not_there_is_a_fault_of_its_key(tmp_path):
    fault = find_missing_file(with_file(str(tmp_path)), ["mine"])
    assert fault.path == ("datasets", "mine", "file") and "has no data file" in fault.sentence
    assert "names no file" in find_missing_file(with_file(None), ["mine"]).sentence
    assert "is no file" in find_missing_file(CONFIG | {"corpus": "nowhere"}, ["summeval"]).sentence
    assert find_missing_file(with_file("https://example.org/a"), ["mine"]) is None
