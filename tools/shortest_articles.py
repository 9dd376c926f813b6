"""Write the documents of a corpus file whose articles are the shortest, as JSON Lines, for models that read slowly.

    python tools/shortest_articles.py results/local/corpus/summeval/download 10 > shortest.jsonl

The file may have any layout of SummEval (docs/corpus.md). Its records are kept as they are, in the order of the file.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

import json
from collections.abc import Sequence

from collide.corpus.files.content import read_bytes
from collide.corpus.files.formats import parse_records
from collide.corpus.files.record import Record
from collide.corpus.preset_reader import read_preset
from collide.corpus.records.description import read_descriptions
from collide.corpus.records.layouts import choose_description
from collide.errors import InputError


def select_shortest(records: Sequence[Record], documents: int) -> list[Record]:
    """Return the records of the `documents` documents with the shortest articles, in characters.

    Raises InputError for an unknown layout.
    """
    layout = choose_description(read_descriptions(read_preset("summeval")["records"], ["article"], "summary", []), records)
    name, article = layout.document, layout.inputs[0][0]
    lengths = {str(record.fields.get(name)): len(str(record.fields.get(article))) for record in records}
    shortest = set(sorted(lengths, key=lambda document: (lengths[document], document))[:documents])
    return [record for record in records if str(record.fields.get(name)) in shortest]


def main(arguments: Sequence[str]) -> int:
    """Run the tool and return its exit code."""
    if len(arguments) != 2 or not arguments[1].isdigit():
        print("Usage: python tools/shortest_articles.py FILE DOCUMENTS > shortest.jsonl", file=sys.stderr)
        return 2
    try:
        records = select_shortest(parse_records(read_bytes(Path(arguments[0])), arguments[0])[1], int(arguments[1]))
    except InputError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    for record in records:
        print(json.dumps(record.fields))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
