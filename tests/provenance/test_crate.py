"""Structure of the RO-Crate, as RO-Crate 1.1 and the Workflow Run Crate profile 0.5 want it."""

import itertools

import pytest

from collide.provenance.crate import build_crate

MANIFEST = {
    "source": "live",
    "code": {"commit": None, "changed": None, "digest": "0d"},
    "corpora": [{"dataset": "summeval", "corpus": "https://example.org/a", "sha256": "ab", "bytes": 3}],
    "models": [{"asked": "a/b", "endpoint": "e", "base_url": "https://example.org/v1", "served": {"a/b-2": 4}}],
    "jobs": [{"journal": "j", "roles": [{"asked": "a/b", "endpoint": "e"}]}],
    "runs": [
        {"run": "main/SSS/mae/seed0", "files": ["results/live/runs/steps.jsonl", "results/live/gone.csv"], "journals": ["j"]}
    ],
    "picked": [{"picked": "main/mae", "runs": ["main/SSS/mae/seed0"], "files": ["results/live/picked.csv"], "journals": []}],
    "exhibits": [
        {
            "exhibit": "figure2",
            "heading": "Figure 2",
            "files": ["paper_figures/live/figure2.png"],
            "runs": ["main/SSS/mae/seed0"],
            "picked": ["main/mae"],
        }
    ],
    "outputs": [
        {"path": path, "sha256": "cd", "bytes": 5}
        for path in ("results/live/runs/steps.jsonl", "results/live/picked.csv", "paper_figures/live/figure2.png")
    ],
    "machine": {
        "first_reply": "2030-01-01T00:00:00Z",
        "last_reply": "2030-01-01T01:00:00Z",
        "written": "2030-01-02T00:00:00Z",
    },
}


def list_references(value):
    if isinstance(value, dict):
        return (
            [value["@id"]] if set(value) == {"@id"} else [name for inner in value.values() for name in list_references(inner)]
        )
    return [name for inner in value for name in list_references(inner)] if isinstance(value, list) else []


@pytest.fixture(scope="module")
def entities():
    graph = build_crate(MANIFEST)["@graph"]
    assert len({entity["@id"] for entity in graph}) == len(graph)
    return {entity["@id"]: entity for entity in graph}


def test_the_crate_has_the_entities_that_the_profiles_require(entities):
    assert entities["ro-crate-metadata.json"]["about"] == {"@id": "./"}
    root = entities["./"]
    assert {"name", "description", "datePublished", "license", "hasPart", "mainEntity", "mentions"} <= set(root)
    workflow = entities[root["mainEntity"]["@id"]]
    assert workflow["@type"] == ["File", "SoftwareSourceCode", "ComputationalWorkflow"]
    assert entities[workflow["programmingLanguage"]["@id"]]["@type"] == "ComputerLanguage"
    run = entities["#run"]
    assert run["@type"] == "CreateAction" and run["instrument"] == root["mainEntity"]
    assert (run["startTime"], run["endTime"]) == ("2030-01-01T00:00:00Z", "2030-01-01T01:00:00Z")
    assert {"@id": "#run"} in root["mentions"]


def test_references_lead_to_entities_or_to_addresses(entities):
    names = itertools.chain.from_iterable(list_references(list(entity.values())) for entity in entities.values())
    assert not [name for name in names if name not in entities and not name.startswith("https://")]


def test_files_of_the_crate_lie_below_its_root(entities):
    parts = {part["@id"] for part in entities["./"]["hasPart"]}
    files = {"manifest.json", "workflow/Snakefile", "workflow/config.yaml", "runs/steps.jsonl", "picked.csv"}
    assert parts == files
    assert entities["#paper_figures/live/figure2.png"]["@type"] == "CreativeWork"


def test_an_exhibit_leads_to_the_files_of_its_runs_and_a_run_to_its_models(entities):
    exhibit, run = entities["#exhibit/figure2"], entities["#run/main/SSS/mae/seed0"]
    assert {"@id": "runs/steps.jsonl"} in exhibit["object"] and {"@id": "picked.csv"} in exhibit["object"]
    assert exhibit["result"] == {"@id": "#paper_figures/live/figure2.png"}
    assert {"@id": "#model/e/a/b"} in run["instrument"]
    assert run["result"] == {"@id": "runs/steps.jsonl"}


def test_a_run_without_times_has_none_in_the_crate():
    machine = {"first_reply": None, "last_reply": None, "written": "2030-01-02T00:00:00Z"}
    graph = build_crate({**MANIFEST, "machine": machine})["@graph"]
    entities = {entity["@id"]: entity for entity in graph}
    assert not {"startTime", "endTime"} & set(entities["#run"])
    assert entities["./"]["datePublished"] == "2030-01-02T00:00:00Z"
