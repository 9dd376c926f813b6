"""Small corpus files with the same pairs in each public layout, as records and as bytes."""

from __future__ import annotations

import copy
import json

import pyarrow as pa
import pyarrow.parquet as pq

from collide.corpus.corpus_reader import check_pairs, pair_records
from collide.corpus.files.formats import parse_records
from collide.corpus.preset_reader import read_preset
from collide.experiment.scales import read_scales
from collide.experiment.texts import read_text_names

CRITERIA = ["fluency", "relevance"]
SCALES = {"fluency": [1, 5], "relevance": [1, 5]}

RATINGS = [
    [{"fluency": 5, "relevance": 2 + system}, {"fluency": 4, "relevance": 1}, {"fluency": 5, "relevance": 3}]
    for system in (0, 1)
]
RELEASE = [
    {
        "id": f"doc{document}",
        "model_id": f"S{system}",
        "decoded": f"Summary {system} of {document}.",
        "text": f"Article {document}.",
        "references": ["A reference."],
        "expert_annotations": RATINGS[system],
        "turker_annotations": [{"fluency": 1, "relevance": 1}] * 5,
        "filepath": "cnndm/test.story",
    }
    for document in (1, 2)
    for system in (0, 1)
]
GEVAL = [
    {
        "doc_id": row["id"],
        "system_id": row["model_id"],
        "source": row["text"],
        "reference": "A reference.",
        "system_output": row["decoded"],
        "scores": {name: sum(expert[name] for expert in row["expert_annotations"]) / 3 for name in CRITERIA},
    }
    for row in RELEASE
]
MTEB = [
    {
        "id": f"doc{document}",
        "text": f"Article {document}.",
        "machine_summaries": [f"Summary {system} of {document}." for system in (0, 1)],
        "human_summaries": ["A reference."],
        "fluency": [14 / 3, 14 / 3],
        "relevance": [2.0, 7 / 3],
    }
    for document in (1, 2)
]


def as_lines(rows):
    return "\n".join(json.dumps(row) for row in rows).encode() + b"\n"


def as_array(rows):
    return json.dumps(rows, indent=1).encode()


def as_parquet(rows):
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(rows), sink)
    return sink.getvalue().to_pybytes()


def read_records(content, records, scales, inputs=("article",), output="summary"):
    """The description that fits the content, and what is read: pairs with their locations, and counts of dropped rows."""
    texts = read_text_names({"inputs": [{"noun": noun} for noun in inputs], "output": {"noun": output}})
    return pair_records(parse_records(content, "corpus")[1], records, texts, read_scales(scales))


def read_content(content, scales=SCALES):
    """Layout and pairs of a SummEval file."""
    chosen, read = read_records(content, read_preset("summeval")["records"], scales)
    return chosen.layout, check_pairs(read.pairs)


def change_row(rows, index, **fields):
    """`rows` with other values for some fields of one row; None removes a field."""
    rows = copy.deepcopy(rows)
    rows[index].update(fields)
    rows[index] = {name: value for name, value in rows[index].items() if value is not None}
    return rows
