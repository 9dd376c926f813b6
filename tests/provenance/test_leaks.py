"""Keys and paths in files to be packed. The keys are made up, and put together here so that no scanner takes one for real."""

import json

import pytest

from collide.provenance.leaks import Leak, collect_personal, collect_secrets, describe_leaks, find_leaks

SECRET = 'planted"secret/ü'
SECRETS = {"the key": SECRET}
PERSONAL = collect_personal("/home/anna", "anna", "/opt/collide", "/scratch/anna/judges")


def search(text, name="a.journal"):
    return find_leaks({name: text.encode()}, SECRETS, PERSONAL)


@pytest.mark.parametrize(
    "text", [SECRET, json.dumps(SECRET), json.dumps(SECRET, ensure_ascii=False)], ids=["plain", "ascii", "json"]
)
def test_a_key_is_found_with_file_and_line_and_never_shown(text):
    leaks = search(f"first\nsecond {text} end\n")
    assert leaks == [Leak("a.journal", 2, "the key")]
    assert describe_leaks(leaks) == "a.journal, line 2: the key"


@pytest.mark.parametrize(
    "text",
    [
        "sk-" + "or-v1-" + "0a1b2c3d" * 4,
        "hf_" + "AbCd1234" * 4,
        "ghp_" + "AbCd1234" * 4,
        "AKIA" + "ABCDEFGH01234567",
        "Authorization: Bearer " + "abc123" * 5,
        'api_key: "' + "0123456789abcdef" * 2 + '"',
        "-----BEGIN " + "RSA PRIVATE KEY-----",
    ],
)
def test_what_looks_like_a_key_is_found(text):
    assert [leak.kind for leak in search(f"a {text} b")] == ["what looks like a key"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("in /home/anna/x", "the home folder"),
        ("in /opt/collide/rules", "the folder of the project"),
        ("in /scratch/anna/judges/results", "the working directory"),
        ("mail anna@example.org", "the name of the user"),
        ("in /opt/anna", "the name of the user"),
        ("in /home/ben/x", "an absolute path"),
        ("in /mnt/disk/x", "an absolute path"),
        (r"in C:\Users\ben", "an absolute path"),
    ],
)
def test_personal_paths_are_found(text, kind):
    assert kind in [leak.kind for leak in search(text)]


@pytest.mark.parametrize(
    "text",
    [
        "results/anna/tables/table1.csv",
        "anna and ben rate relevance and/or fluency from 1/5 to 5/5",
        "https://example.org/home/anna",
        "api_key_env: OPENROUTER_API_KEY",
        "data/home/x.csv and ./work/a/b",
        "0123456789abcdef0123456789abcdef",
        "a risk-averse bearer of internationalization-oriented values",
    ],
)
def test_words_addresses_and_relative_paths_are_no_finding(text):
    assert search(text) == []


def test_a_key_at_the_very_start_is_found():
    assert search(SECRET) == [Leak("a.journal", 1, "the key")]


def test_any_absolute_path_is_found_outside_of_journals():
    assert search("file: /opt/sets/a.csv", "config.yaml") == [Leak("config.yaml", 1, "an absolute path")]
    assert search("an /opt/sets/a.csv in a text") == []


def test_the_keys_of_endpoints_and_variables_named_like_keys_are_searched_for():
    environment = {
        "MY_VARIABLE": "0123456789",
        "HF_TOKEN": "abcdefghij",
        "PATH": "/bin:/usr/bin",
        "EMPTY_KEY": "",
        "SHORT_KEY": "none",
    }
    found = collect_secrets({"e": {"api_key_env": "MY_VARIABLE"}, "f": {}}, environment)
    assert sorted(found.values()) == ["0123456789", "abcdefghij"]


def test_the_root_folder_is_no_personal_path():
    assert collect_personal("/", "", "/", "/") == {}


def test_many_places_are_counted():
    leaks = [Leak("a", number, "the key") for number in range(1, 8)]
    assert describe_leaks(leaks).endswith("a, line 5: the key; and 2 more")
