"""Manifest and RO-Crate of a finished run of the whole workflow."""

import hashlib
import json

import yaml

from collide.common.csv_json import read_csv

from .conftest import succeed

RESULTS = "results/simulated"


def read_manifest(folder):
    return json.loads((folder / RESULTS / "manifest.json").read_text(encoding="utf-8"))


def test_the_manifest_names_code_corpus_models_and_replies(finished):
    manifest = read_manifest(finished)
    assert manifest["source"] == "simulated" and "SIMULATED" in manifest["simulated"]
    assert len(manifest["code"]["digest"]) == 64
    (corpus,) = manifest["corpora"]
    raw = (finished / RESULTS / "corpus/summeval/embedded.jsonl").read_bytes()
    assert (corpus["corpus"], corpus["sha256"]) == ("embedded", hashlib.sha256(raw).hexdigest())
    served = {name: count for model in manifest["models"] for name, count in model["served"].items()}
    total = read_csv(finished / RESULTS / "cost.csv")[-1]
    assert sum(served.values()) == manifest["usage"][-1]["replies"] == int(total["replies"])
    assert manifest["machine"]["first_reply"] is None
    assert manifest["machine"]["replies_without_time"] == int(total["replies"])


def test_every_table_figure_and_claim_leads_to_runs_and_these_to_files(finished):
    manifest = read_manifest(finished)
    outputs = {file["path"]: file for file in manifest["outputs"]}
    runs = {entry["run"]: entry for entry in manifest["runs"]}
    assert [entry["exhibit"] for entry in manifest["exhibits"] if not entry["runs"] and not entry["picked"]] == ["figure1"]
    checked = {row["id"]: row["runs"] for row in read_csv(finished / RESULTS / "claims.csv")}
    for entry in manifest["claims"]:
        assert bool(entry["runs"] or entry["picked"]) >= (checked[entry["claim"]] not in ("", "0")), entry
    for entry in (*manifest["exhibits"], *manifest["claims"]):
        for run in entry["runs"]:
            assert set(runs[run]["files"]) <= set(outputs)
            assert all((finished / path).is_file() for path in runs[run]["journals"])
    for path, file in outputs.items():
        content = (finished / path).read_bytes()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (file["sha256"], file["bytes"]), path


def test_the_manifest_is_the_same_when_made_again_but_for_the_machine(finished):
    before = read_manifest(finished)
    succeed(finished, "--force", f"{RESULTS}/manifest.json")
    after = read_manifest(finished)
    assert after["machine"].pop("written") >= before["machine"].pop("written")
    assert after == before
    done = succeed(finished, "--dry-run", "all")
    assert "Nothing to be done" in done.stdout + done.stderr


def test_the_crate_describes_files_that_are_there_and_is_the_whole_configuration(finished):
    root = finished / RESULTS
    graph = json.loads((root / "ro-crate-metadata.json").read_text(encoding="utf-8"))["@graph"]
    parts = next(entity for entity in graph if entity["@id"] == "./")["hasPart"]
    assert len(parts) > 100
    assert not [part["@id"] for part in parts if not (root / part["@id"]).is_file()]
    config = yaml.safe_load((root / "workflow/config.yaml").read_text(encoding="utf-8"))
    assert config["embedded_corpus"] == {"seed": 0, "articles": 8}
    assert (root / "workflow/Snakefile").read_bytes() == (finished / "Snakefile").read_bytes()
