"""Small corpus files with the same pairs in each public layout, as records and as bytes."""

from __future__ import annotations

import copy
import json

import pyarrow as pa
import pyarrow.parquet as pq

from collide.corpus.corpus_reader import check_pairs
from collide.corpus.file_formats import parse_records
from collide.corpus.layouts import read_layout
from collide.experiment.scales import read_scales

CRITERIA = ["fluency", "relevance"]
SCALES = read_scales({"fluency": [1, 5], "relevance": [1, 5]})

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


def read_content(content, scales=SCALES):
    layout, located = read_layout(parse_records(content, "corpus"), scales)
    return layout, check_pairs(located)


def change_row(rows, index, **fields):
    """`rows` with other values for some fields of one row; None removes a field."""
    rows = copy.deepcopy(rows)
    rows[index].update(fields)
    rows[index] = {name: value for name, value in rows[index].items() if value is not None}
    return rows
