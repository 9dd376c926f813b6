"""Presets: a small made-up file in the layout of each data set gives the pairs that it describes."""

from __future__ import annotations

import csv
import io

import pytest

from collide.corpus.corpus_reader import pair_records
from collide.corpus.files.formats import add_file_column, parse_records
from collide.corpus.preset_reader import list_presets, read_preset
from collide.experiment.criteria import read_criteria
from collide.experiment.texts import read_text_names
from tests.corpus.sample_files import as_array, as_lines, as_parquet


def as_table(rows, separator=","):
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, list(rows[0]), delimiter=separator)
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue().encode()


def answer(sentence, *votes):
    return {"sentence": sentence, "responses": [{"worker_id": n, "response": vote} for n, vote in enumerate(votes)]}


def rate_response(model, *ratings):
    names = ("Understandable", "Natural", "Maintains Context", "Engaging", "Uses Knowledge", "Overall")
    return {"response": f"Reply of {model}.", "model": model} | dict(zip(names, ratings, strict=True))


USR = [
    {
        "context": f"hi {number}\nhow are you?\n",
        "fact": "Tea is hot.\n",
        "annotators": ["a", "b", "c"],
        "responses": [
            rate_response("Human", [1, 1, 0], [3, 3, 2], [3, 2, 3], [2, 2, 2], [1, 1, 1], [5, 4, 4]),
            rate_response("Nucleus", [0, 1, 0], [1, 2, 1], [1, 1, 1], [1, 1, 2], [0, 0, 0], [1, 2, 1]),
        ],
    }
    for number in (1, 2)
]
SFRES = [
    {
        "doc_id": number,
        "source": f"inform(name={number})",
        "reference": "A reference.",
        "system_output": f"It is {number}.",
        "scores": {"informativeness": 5.5, "naturalness": 4.0, "overall": 5.0},
    }
    for number in (0, 1)
]
QAGS = [
    {"article": "An article.", "summary_sentences": [answer("One.", "yes", "yes", "no"), answer("Two.", "no", "yes", "no")]},
    {"article": "Another article.", "summary_sentences": [answer("Three.", "yes", "no")]},
]
HANNA = [
    {"Story_ID": 0, "Prompt": f"A prompt,\nnumber {prompt}.", "Human": "…", "Story": f"Story {prompt} {model}.", "Model": model}
    | dict.fromkeys(("Relevance", "Coherence", "Empathy", "Surprise", "Engagement", "Complexity"), rating)
    | {"Worker_ID": rating, "Assignment_ID": "x", "Work_time_in_seconds": 99.0, "Name": "none"}
    for rating in (2, 3, 5)
    for prompt in (1, 2)
    for model in ("Human", "GPT")
]
DIALOGUES = [
    {
        "id": "13",
        "dialogue": "| A: Hi! | B: Hi.",
        "summary": f"Summary {model}.",
        "annotations": [{"consistency": 5, "relevance": rating, "fluency": 4, "coherence": 4} for rating in (4, 3, 5)],
        "model_id": model,
    }
    for model in "AB"
]
EMOTIONS = ("anger", "disgust", "fear", "joy", "sadness", "surprise")
BRIGHTER = [{"id": f"t{n}", "text": f"Text {n}."} | dict.fromkeys(EMOTIONS, n % 2) | {"emotions": []} for n in range(3)]
WILDGUARD = [
    {
        "prompt": f"Request {number}.",
        "adversarial": False,
        "response": f"Response {number}.",
        "prompt_harm_label": label,
        "response_harm_label": "unharmful",
        "response_refusal_label": "refusal",
        "subcategory": "others",
        "prompt_harm_agreement": 1.0,
    }
    for number, label in enumerate(("harmful", "unharmful", None))
]
ASAP = [
    {"essay_id": number, "essay_set": 1, "essay": "Dear editor, ...", "Content": 4, "Organization": 3}
    | {"Word Choice": 5, "Sentence Fluency": 4, "Conventions": 2}
    for number in (1, 2)
]
EMSCAD = [
    {"title": f"Clerk {number}", "location": "GR", "company_profile": profile, "description": "<p>Work.</p>"}
    | {"requirements": "", "benefits": "Money", "fraudulent": label, "in_balanced_dataset": balanced}
    for number, (profile, label, balanced) in enumerate([("We are.", "f", "t"), ("", "t", "t"), ("We are.", "f", "f")])
]
GITBUGS = [
    {"Summary": "It fails", "Issue id": number, "Status": "Resolved", "Priority": priority, "Resolution": resolution}
    | {"Created": "30/Sep/21 17:20", "Resolved": "", "Affects Version/s": "2.9", "Description": "When, where\nand why."}
    for number, (priority, resolution) in enumerate([("Blocker", "Fixed"), ("Major", "Not A Problem"), ("Minor", "")])
]

# By preset: content, names of the pairs, human scores of the first pair, raters of the first pair, reasons of dropped rows.
FILES = {
    "topical-chat": (as_array(USR), ["1/Human", "1/Nucleus", "2/Human", "2/Nucleus"], {"Natural": 8 / 3}, 3, {}),
    "sfres": (as_array(SFRES), ["0", "1"], {"informativeness": 5.5}, 0, {}),
    "sfhot": (as_array(SFRES), ["0", "1"], {"naturalness": 4.0}, 0, {}),
    "qags-cnndm": (as_lines(QAGS), ["1/1", "1/2", "2"], {"consistency": 1.0}, 3, {}),
    "qags-xsum": (as_lines(QAGS), ["1/1", "1/2", "2"], {"consistency": 1.0}, 3, {}),
    "hanna": (as_table(HANNA), ["1/Human", "1/GPT", "2/Human", "2/GPT"], {"Empathy": 10 / 3}, 3, {}),
    "dialsummeval": (as_lines(DIALOGUES), ["13/A", "13/B"], {"relevance": 4.0}, 3, {}),
    "wildguard": (as_parquet(WILDGUARD), ["1", "2"], {"prompt harm": 1, "refusal": 1}, 0, {"no rating of prompt harm": 1}),
    "asap-pp": (as_table(ASAP, "\t"), ["1", "2"], {"Word Choice": 5.0}, 0, {}),
    "emscad": (as_table(EMSCAD), ["1", "2"], {"authenticity": 0.0}, 0, {"in_balanced_dataset is not t": 1}),
    "gitbugs": (as_table(GITBUGS), ["0", "1"], {"priority": 4.0, "resolution": 0.0}, 0, {"no rating of resolution": 1}),
}


def read_pairs_by_preset(name, records):
    preset = read_preset(name)
    texts, criteria = read_text_names(preset), read_criteria(preset["criteria"])
    return pair_records(records, preset["records"], texts, {name: criterion.scale for name, criterion in criteria.items()})[1]


def test_every_preset_is_tested():
    assert set(list_presets()) == FILES.keys() | {"summeval", "brighter"}


@pytest.mark.parametrize("name", FILES)
def test_a_preset_reads_a_file_in_its_layout(name):
    content, names, human, raters, dropped = FILES[name]
    read = read_pairs_by_preset(name, parse_records(content, "corpus")[1])
    assert [item.pair.id for item in read.pairs] == names
    first = read.pairs[0].pair
    assert first.human | human == pytest.approx(first.human)
    assert {len(values) for values in first.ratings.values()} == ({raters} if raters else set())
    assert dict(read.dropped) == dropped
    assert first.output and all(first.inputs) and len(first.inputs) == len(read_preset(name)["inputs"])


def test_brighters_files_give_the_splits(tmp_path):
    records = []
    for name, row in zip(("train", "dev", "test"), BRIGHTER, strict=True):
        path = tmp_path / f"{name}-00000-of-00001.parquet"
        records += add_file_column(parse_records(as_parquet([row]), path.name)[1], path)
    pairs = [item.pair for item in read_pairs_by_preset("brighter", records).pairs]
    assert [(pair.id, pair.split) for pair in pairs] == [("t0", "train"), ("t1", "validation"), ("t2", "test")]
    assert pairs[1].human == dict.fromkeys(EMOTIONS, 1.0)


def test_several_columns_of_a_text_are_joined():
    first, second = read_pairs_by_preset("emscad", parse_records(FILES["emscad"][0], "corpus")[1]).pairs
    assert first.pair.output == "Clerk 0\n\nWe are.\n\n<p>Work.</p>\n\nMoney"
    assert second.pair.output == "Clerk 1\n\n<p>Work.</p>\n\nMoney"


def test_most_raters_choose_the_class():
    pairs = [item.pair for item in read_pairs_by_preset("qags-xsum", parse_records(FILES["qags-xsum"][0], "corpus")[1]).pairs]
    # The third one is a tie, which the first class of the list gets.
    assert [pair.human["consistency"] for pair in pairs] == [1.0, 0.0, 0.0]
    assert pairs[0].ratings == {"consistency": (1.0, 1.0, 0.0)}
