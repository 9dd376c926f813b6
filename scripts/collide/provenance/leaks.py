"""Search of keys and personal paths in files that are to be given to others."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

# Characters of the shortest key that is searched for. A shorter one is a placeholder such as "none", which may be any word.
SHORTEST_KEY = 8
# Names of environment variables whose values are searched for as well.
KEY_VARIABLE = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD|CREDENTIALS)S?$")
# Places listed in the message; the others are counted.
SHOWN_LEAKS = 5

# Forms of keys that providers and platforms give out, and of headers that hold one.
KEY_FORMS = rb"""
    \bsk-[A-Za-z0-9_-]{20,}                 # OpenAI, Anthropic, OpenRouter, DeepSeek
  | \b(?:gsk|xai|pplx|nvapi|r8|hf|glpat|ghp|gho|ghs|ghu)[_-][A-Za-z0-9_-]{20,}
  | \bgithub_pat_[A-Za-z0-9_]{20,}
  | \bxox[abprs]-[A-Za-z0-9-]{10,}          # Slack
  | \bAIza[A-Za-z0-9_-]{35}                 # Google
  | \b(?:AKIA|ASIA)[A-Z0-9]{16}\b           # Amazon
  | \beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}   # JSON web token
  | -----BEGIN\ [A-Z ]*PRIVATE\ KEY
  | (?i:\bbearer\ +(?=\S*[0-9])[A-Za-z0-9._~+/-]{20,})
  | (?i:\bapi[_-]?key["']?\ *[:=]\ *["']?[A-Za-z0-9_-]{20,})
"""
# Folders of users and of data on most machines. Texts of models hold a slash now and then, so that journals are searched for no
# other path.
USER_PATHS = rb"""
    (?<![\w.:/~-])/(?:home|Users)/[\w.+-]+
  | (?<![\w.:/~-])/root/[\w.+-]+
  | (?<![\w.:/~-])/(?:mnt|media|scratch|srv|tmp|var|work|data|gpfs|lustre|nfs|private|Volumes)/[\w.+-]+/[\w.+-]+
  | (?i:\b[a-z]:\\{1,2}users\\)
"""
# Any path of two parts or more. The signs before it keep out addresses, relative paths and words such as and/or.
ABSOLUTE_PATHS = rb"(?<![\w.:/~-])/(?:[\w.+-]+/)+[\w.+-]+"


@dataclass(frozen=True, slots=True)
class Leak:
    """A place that must not be given to others. It does not hold the text that was found."""

    file: str
    line: int
    kind: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.kind}"


def collect_secrets(endpoints: Mapping[str, Mapping[str, object]], environment: Mapping[str, str]) -> dict[str, str]:
    """Return the values that no file may hold, by what they are: the keys of endpoints, and variables with names of keys."""
    named = {str(settings["api_key_env"]) for settings in endpoints.values() if settings.get("api_key_env")}
    variables = sorted({name for name in environment if name in named or KEY_VARIABLE.search(name)})
    return {
        f"the value of the environment variable {name}": environment[name]
        for name in variables
        if len(environment[name]) >= SHORTEST_KEY
    }


def collect_personal(home: str, user: str, folders: Iterable[str]) -> dict[str, str]:
    """Return patterns of personal paths, by what they are. `folders` are those of the project and of the work."""
    # The root of the file system is the home folder of some containers, and a part of every path.
    places = [("the home folder", home), *(("the folder of this project", folder) for folder in folders)]
    # Not within an address, such as https://example.org/home/anna.
    patterns = {kind: rf"(?<!\w){re.escape(place)}(?!\w)" for kind, place in places if len(place) > 1}
    # Only as a folder or in an address: a user may be called as a word of the texts.
    return patterns | ({"the name of the user": rf"[/\\]{re.escape(user)}[/\\]|\b{re.escape(user)}@"} if user else {})


def find_leaks(files: Mapping[str, bytes], secrets: Mapping[str, str], personal: Mapping[str, str]) -> list[Leak]:
    """Return the first place of each kind in each file, by name and content.

    `secrets` are values and `personal` are patterns, both by what they are.
    """
    return [leak for name, content in files.items() for leak in _search_file(name, content, _list_patterns(secrets, personal))]


def describe_leaks(leaks: list[Leak]) -> str:
    """Return the places as the first part of a sentence, without what was found there."""
    more = f"; and {len(leaks) - SHOWN_LEAKS} more" if len(leaks) > SHOWN_LEAKS else ""
    return "; ".join(map(str, leaks[:SHOWN_LEAKS])) + more


def _list_patterns(secrets: Mapping[str, str], personal: Mapping[str, str]) -> dict[str, re.Pattern[bytes]]:
    patterns = {}
    for kind, value in secrets.items():
        # In JSON, as in journals, signs of a value may be escaped.
        forms = {value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
        patterns[kind] = re.compile(b"|".join(re.escape(form.encode("utf-8", "surrogateescape")) for form in sorted(forms)))
    for kind, pattern in personal.items():
        patterns[kind] = re.compile(pattern.encode("utf-8", "surrogateescape"))
    patterns["what looks like a key"] = re.compile(KEY_FORMS, re.VERBOSE)
    patterns["an absolute path"] = re.compile(USER_PATHS, re.VERBOSE)
    return patterns


def _search_file(name: str, content: bytes, patterns: Mapping[str, re.Pattern[bytes]]) -> Iterator[Leak]:
    strict = {} if name.endswith(".journal") else {"an absolute path": re.compile(ABSOLUTE_PATHS)}
    for kind, pattern in {**patterns, **strict}.items():
        if found := pattern.search(content):
            yield Leak(name, content.count(b"\n", 0, found.start()) + 1, kind)
