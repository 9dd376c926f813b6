"""Measure how many forms of replies the parsers read: `python tools/measure_replies.py [FOLDER]`.

The forms are written by hand in `tests/llm/replies/corpus`, each with the value that a person reads in it, or null if there is
none. FOLDER is a folder with the package, such as `scripts` of an earlier version. Exit code 1 if a value is wrong.
"""

import functools
import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).parents[1]
CORPUS = ROOT / "tests/llm/replies/corpus"
# The scales of the judges whose replies each file holds; None for replies of other roles.
SCALES: dict[str, dict[str, Any]] = {
    "scores": {"fluency": [1, 5], "relevance": [1, 5]},
    "single": {"fluency": [1, 5]},
    "steps": {"Self-Coherence": {"low": 0, "high": 5, "step": 0.5}},
    "classes": {"C++ (style)": {"classes": ["no", "yes", "not sure"]}},
    "mixed": {"Self-Coherence": {"low": 0, "high": 5, "step": 0.5}, "Überzeugung": {"classes": ["schwach", "stark"]}},
}
MESSAGES = ({"role": "user", "content": '<article>\nRain.\n</article>\n<rating criterion="fluency" judge="3"/>'},)


class Form(NamedTuple):
    """A form of a reply. `value` is what a person reads in it; None if it has no value. `cut` says that it was cut off."""

    kind: str
    name: str
    reply: str
    value: Any
    cut: bool


def read_corpus() -> Iterator[Form]:
    """Yield the forms of all files of the corpus; the kind is the name of the file."""
    for path in sorted(CORPUS.glob("*.yaml")):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8")):
            yield Form(path.stem, entry["form"], entry["reply"], entry["value"], entry.get("cut", False))


def build_reader() -> Callable[[Form], Any]:
    """Return a function that gives the value that the parsers of the package on the path read in a form; None if unusable."""
    from collide.llm import parsing, request

    # Earlier versions show the parsers neither that a text was cut off nor the messages of the prompt.
    mark_cut = getattr(request, "CutOffText", str)
    shown = [MESSAGES] if "messages" in inspect.signature(parsing.parse_text).parameters else []
    # Earlier versions take a scale as its lowest and highest rating.
    known = importlib.util.find_spec("collide.experiment.scales")
    build_scale = importlib.import_module(known.name).build_scale if known else tuple

    def read_scores(kind: str, text: str) -> Any:
        scores = parsing.parse_scores(text, {name: build_scale(scale) for name, scale in SCALES[kind].items()})
        return next(iter(scores.values())) if len(scores) == 1 else list(scores.values())

    parsers = {
        **{kind: functools.partial(read_scores, kind) for kind in SCALES},
        "ratings": lambda text: parsing.parse_rating(text, 1, 10),
        "instructions": lambda text: parsing.parse_instructions(text, ["fluency"], *shown)["fluency"],
        "texts": lambda text: parsing.parse_text(text, *shown),
    }

    def read_form(form: Form) -> Any:
        try:
            return parsers[form.kind](mark_cut(form.reply) if form.cut else form.reply)
        except request.UnusableReply:
            return None

    return read_form


def main() -> int:
    """Print one line per kind and one per form that is not read, or read wrongly."""
    sys.path.insert(0, sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "scripts"))
    read_form, forms = build_reader(), list(read_corpus())
    found = [(form, read_form(form)) for form in forms]
    print(f"{'kind':14}{'forms':>6}{'with a value':>14}{'read':>6}{'share':>7}{'wrong':>7}")
    for kind in [*dict.fromkeys(form.kind for form in forms), "all"]:
        part = [(form, value) for form, value in found if kind in {form.kind, "all"}]
        readable = sum(form.value is not None for form, _ in part)
        read = sum(value == form.value for form, value in part if form.value is not None)
        wrong = sum(value not in (None, form.value) for form, value in part)
        print(f"{kind:14}{len(part):6}{readable:14}{read:6}{read / readable:7.0%}{wrong:7}")
    for form, value in found:
        if value != form.value:
            print(f"{form.kind}, {form.name}: read {value!r}, expected {form.value!r}")
    return int(any(value not in (None, form.value) for form, value in found))


if __name__ == "__main__":
    sys.exit(main())
