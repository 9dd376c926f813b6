"""Search of keys and personal paths in files that are to be given to others."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

# Characters of the shortest key that is searched for. A shorter one is a placeholder such as "none", which may be any word.
SHORTEST_KEY = 8
# Names of environment variables whose values are searched for as well.
KEY_VARIABLE = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD|CREDENTIALS)S?$")
# Places listed in the message; the others are counted.
SHOWN_LEAKS = 5

# Each pattern starts with fixed letters, and looks back for the sign before them: that is ten times as fast in large journals.
KEY_FORMS = (
    rb"sk-(?<!\wsk-)[A-Za-z0-9_-]{20,}",  # OpenAI, Anthropic, OpenRouter, DeepSeek
    *(rb"%s[_-](?<!\w%s.)[A-Za-z0-9_-]{20,}" % (mark, mark) for mark in (b"gsk", b"xai", b"pplx", b"nvapi", b"r8", b"hf")),
    *(rb"%s[_-](?<!\w%s.)[A-Za-z0-9_-]{20,}" % (mark, mark) for mark in (b"glpat", b"ghp", b"gho", b"ghs", b"ghu")),
    rb"github_pat_[A-Za-z0-9_]{20,}",
    rb"xox[abprs]-[A-Za-z0-9-]{10,}",  # Slack
    rb"AIza[A-Za-z0-9_-]{35}",  # Google
    rb"A[KS]IA(?<!\wA.IA)[A-Z0-9]{16}\b",  # Amazon
    rb"eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}",  # JSON web token
    rb"-----BEGIN [A-Z ]*PRIVATE KEY",
    rb"earer +(?=\S*[0-9])[A-Za-z0-9._~+/-]{20,}",
    rb"""(?:api|API)[_-]?(?:key|KEY)["']? *[:=] *["']?[A-Za-z0-9_-]{20,}""",
)
# First slash of an absolute path: no sign before it that belongs to an address, a relative path or a word such as and/or.
START = rb"/(?<![\w.:/~-]/)"
# Folders of users and of data on most machines. Texts of models hold a slash now and then, so that journals are searched for no
# other path.
USER_PATHS = (
    START + rb"(?:home|Users|root)/[\w.+-]+",
    START + rb"(?:mnt|media|scratch|srv|tmp|var|work|data|gpfs|lustre|nfs|private|Volumes)/[\w.+-]+/[\w.+-]+",
    rb":\\{1,2}[Uu]sers\\",
)
# Any path of two parts or more.
ABSOLUTE_PATHS = START + rb"(?:[\w.+-]+/)+[\w.+-]+"


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


def collect_personal(home: str, user: str, project: str, work: str) -> dict[str, str]:
    """Return patterns of personal paths, by what they are. `work` is the working directory."""
    places = {"the home folder": home, "the folder of the project": project, "the working directory": work}
    # The root of the file system is the home folder of some containers, and a part of every path. No pattern matches within an
    # address, such as https://example.org/home/anna.
    escaped = {kind: re.escape(place) for kind, place in places.items() if len(place) > 1}
    patterns = {kind: rf"{place}(?<!\w{place})(?!\w)" for kind, place in escaped.items()}
    if user:
        # Only as a folder of an absolute path or in an address: a user's name may be a word of the texts or a folder of ours.
        name = re.escape(user)
        patterns["the name of the user"] = rf"{START.decode()}(?:[\w.+-]+/)*{name}(?![\w.+-])|{name}@(?<!\w{name}@)"
    return patterns


def find_leaks(files: Mapping[str, bytes], secrets: Mapping[str, str], personal: Mapping[str, str]) -> list[Leak]:
    """Return the first place of each kind in each file, by name and content.

    `secrets` are values and `personal` are patterns, both by what they are.
    """
    patterns = _list_patterns(secrets, personal)
    return [leak for name, content in files.items() for leak in _search_file(name, content, patterns)]


def describe_leaks(leaks: list[Leak]) -> str:
    """Return the places as the first part of a sentence, without what was found there."""
    more = f"; and {len(leaks) - SHOWN_LEAKS} more" if len(leaks) > SHOWN_LEAKS else ""
    return "; ".join(map(str, leaks[:SHOWN_LEAKS])) + more


def _list_patterns(secrets: Mapping[str, str], personal: Mapping[str, str]) -> dict[str, list[re.Pattern[bytes]]]:
    patterns: dict[str, list[re.Pattern[bytes]]] = {}
    for kind, value in secrets.items():
        # In JSON, as in journals, signs of a value may be escaped.
        forms = {value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
        patterns[kind] = [re.compile(re.escape(form.encode("utf-8", "surrogateescape"))) for form in sorted(forms)]
    for kind, pattern in personal.items():
        patterns[kind] = [re.compile(pattern.encode("utf-8", "surrogateescape"))]
    patterns["what looks like a key"] = list(map(re.compile, KEY_FORMS))
    patterns["an absolute path"] = list(map(re.compile, USER_PATHS))
    return patterns


def _search_file(name: str, content: bytes, patterns: Mapping[str, list[re.Pattern[bytes]]]) -> Iterator[Leak]:
    strict = {} if name.endswith(".journal") else {"an absolute path": [re.compile(ABSOLUTE_PATHS)]}
    for kind, forms in {**patterns, **strict}.items():
        found = min((match.start() for form in forms if (match := form.search(content))), default=None)
        if found is not None:
            yield Leak(name, content.count(b"\n", 0, found) + 1, kind)
