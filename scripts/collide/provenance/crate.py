"""RO-Crate of the results: JSON-LD that describes the run by the Workflow Run Crate profile, from the manifest.

A run is one CreateAction of the whole workflow, and a table or figure a CreateAction of its rule, whose objects are the runs
that it shows. The Provenance Run Crate profile is not claimed: it wants a fixed list of steps, and which jobs Snakemake runs
follows from the configuration. The crate's root is the folder results/{source}; files outside of it, such as figures, are
described with path and checksum, since a crate holds no file outside of its root.
"""

from __future__ import annotations

import importlib.metadata
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

METADATA = "ro-crate-metadata.json"
CONTEXT = ["https://w3id.org/ro/crate/1.1/context", "https://w3id.org/ro/terms/workflow-run/context"]
WORKFLOW_CRATE = "https://w3id.org/workflowhub/workflow-ro-crate/1.0"
PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": "Process Run Crate",
    "https://w3id.org/ro/wfrun/workflow/0.5": "Workflow Run Crate",
    WORKFLOW_CRATE: "Workflow RO-Crate",
}
# The files of the workflow that the crate holds, relative to its root.
WORKFLOW_FOLDER = "workflow"
WORKFLOW, CONFIG, MANIFEST = f"{WORKFLOW_FOLDER}/Snakefile", f"{WORKFLOW_FOLDER}/config.yaml", "manifest.json"
# Not the standard library's table: it differs between machines.
MEDIA_TYPES = {
    ".csv": "text/csv",
    ".tex": "application/x-tex",
    ".html": "text/html",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".parquet": "application/vnd.apache.parquet",
    ".pdf": "application/pdf",
    ".png": "image/png",
}
MIT = "https://spdx.org/licenses/MIT"

Entity = dict[str, Any]


def build_crate(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return the RO-Crate metadata of a manifest, as JSON-LD."""
    entities = [
        *_describe_frame(manifest),
        *_describe_workflow(manifest),
        *_describe_inputs(manifest),
        *(_describe_file(file, manifest["source"]) for file in manifest["outputs"]),
        *_describe_runs(manifest),
        *_describe_exhibits(manifest),
    ]
    root = entities[1]
    root["hasPart"] = _refer(entity["@id"] for entity in entities[2:] if _is_part(entity))
    root["mentions"] = _refer(entity["@id"] for entity in entities if entity["@type"] == "CreateAction")
    return {"@context": CONTEXT, "@graph": entities}


def write_crate(manifest: Mapping[str, Any], path: Path) -> None:
    """Write the RO-Crate metadata of a manifest."""
    path.write_text(json.dumps(build_crate(manifest), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _describe_frame(manifest: Mapping[str, Any]) -> Iterator[Entity]:
    """Yield the descriptor of the metadata file, the root, the profiles and the licences."""
    source, machine = manifest["source"], manifest["machine"]
    yield {
        "@id": METADATA,
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": _refer(["https://w3id.org/ro/crate/1.1", WORKFLOW_CRATE]),
    }
    yield {
        "@id": "./",
        "@type": "Dataset",
        "name": f"Results of a collide workflow run, source {source}",
        "description": manifest.get("simulated")
        or f"Tables, figures and checked claims on textual-gradient optimization of LLM judges, from {source} replies.",
        "datePublished": machine["last_reply"] or machine["written"],
        "license": {"@id": "#licence"},
        "conformsTo": _refer(PROFILES),
        "mainEntity": {"@id": WORKFLOW},
    }
    for address, name in PROFILES.items():
        version = address.rpartition("/")[2]
        yield {"@id": address, "@type": "CreativeWork", "name": name, "version": version}
    yield {
        "@id": "#licence",
        "@type": "CreativeWork",
        "name": "No licence stated",
        "description": "The owner of these results has stated no licence. The workflow itself is under the MIT licence.",
    }
    yield {"@id": MIT, "@type": "CreativeWork", "name": "MIT License", "identifier": "MIT"}


def _describe_workflow(manifest: Mapping[str, Any]) -> Iterator[Entity]:
    """Yield the workflow with its language and parameter, and the action of its run."""
    code, machine = manifest["code"], manifest["machine"]
    yield {
        "@id": WORKFLOW,
        "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow"],
        "name": "collide",
        "description": "A copy of the Snakefile, for readers; it runs in a folder with the whole project.",
        "encodingFormat": "text/plain",
        "programmingLanguage": {"@id": "#snakemake"},
        "license": {"@id": MIT},
        "conformsTo": {"@id": "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"},
        "version": code["commit"] or code["digest"],
        "input": _refer(["#config", "#corpus"]),
    }
    yield {
        "@id": "#snakemake",
        "@type": "ComputerLanguage",
        "name": "Snakemake",
        "identifier": {"@id": "https://snakemake.github.io"},
        "url": {"@id": "https://snakemake.github.io"},
        "version": importlib.metadata.version("snakemake"),
    }
    for name, kind in (("config", "File"), ("corpus", "Dataset")):
        yield {
            "@id": f"#{name}",
            "@type": "FormalParameter",
            "additionalType": kind,
            "name": name,
            "valueRequired": True,
            "conformsTo": {"@id": "https://bioschemas.org/profiles/FormalParameter/1.0-RELEASE"},
        }
    yield {
        "@id": "#run",
        "@type": "CreateAction",
        "name": "Run of the workflow",
        "description": "All jobs of the target all, from the data sets to the tables, figures and checked claims.",
        "instrument": {"@id": WORKFLOW},
        "object": _refer([CONFIG, *(_name_corpus(corpus) for corpus in manifest["corpora"])]),
        "result": _refer(_find_id(file["path"], manifest["source"]) for file in manifest["outputs"]),
        **_describe_times(machine),
    }


def _describe_times(machine: Mapping[str, Any]) -> Entity:
    """Return start and end of the run, where replies record their times."""
    times = {"startTime": machine["first_reply"], "endTime": machine["last_reply"]}
    return {name: value for name, value in times.items() if value}


def _describe_inputs(manifest: Mapping[str, Any]) -> Iterator[Entity]:
    """Yield the configuration, the manifest, the corpora and the models."""
    yield {
        "@id": CONFIG,
        "@type": "File",
        "name": "Configuration, whole and resolved",
        "encodingFormat": "application/yaml",
        "exampleOfWork": {"@id": "#config"},
    }
    yield {
        "@id": MANIFEST,
        "@type": "File",
        "name": "Manifest: models, replies and cost, and the runs behind every table, figure and claim",
        "encodingFormat": "application/json",
    }
    for corpus in manifest["corpora"]:
        yield {
            "@id": _name_corpus(corpus),
            "@type": "CreativeWork",
            "name": f"Data set {corpus['dataset']}",
            "identifier": corpus["corpus"],
            "sha256": corpus["sha256"],
            "contentSize": str(corpus["bytes"]),
            "exampleOfWork": {"@id": "#corpus"},
        }
    for model in manifest["models"]:
        yield {
            "@id": _name_model(model),
            "@type": "SoftwareApplication",
            "name": model["asked"],
            "description": f"Asked for at endpoint {model['endpoint']}; answered by: {', '.join(model['served']) or 'none'}",
            **({"url": {"@id": model["base_url"]}} if model["base_url"] else {}),
        }


def _describe_file(file: Mapping[str, Any], source: str) -> Entity:
    """Return a file inside the crate as a File, and one outside of it as a work with its path."""
    path, name = Path(file["path"]), _find_id(file["path"], source)
    return {
        "@id": name,
        "@type": "CreativeWork" if name.startswith("#") else "File",
        "name": file["path"],
        "encodingFormat": MEDIA_TYPES[path.suffix],
        "sha256": file["sha256"],
        "contentSize": str(file["bytes"]),
    }


def _describe_runs(manifest: Mapping[str, Any]) -> Iterator[Entity]:
    """Yield an action for each optimization run and each cherry-picked prompt, whose instruments are the models of its jobs."""
    jobs = {job["journal"]: job for job in manifest["jobs"]}
    files = {run["run"]: run["files"] for run in manifest["runs"]}
    titles = {"run": "Optimization run", "picked": "Cherry-picked prompt"}
    for kind, title in titles.items():
        for entry in manifest["runs" if kind == "run" else kind]:
            models = [_name_model(role) for journal in entry["journals"] for role in jobs[journal]["roles"]]
            behind = [path for run in entry.get("runs", ()) for path in files[run]]
            yield {
                "@id": f"#{kind}/{entry[kind]}",
                "@type": "CreateAction",
                "name": f"{title} {entry[kind]}",
                "description": f"{title}: its steps, its predictions and the ratings of its texts.",
                "instrument": _refer([WORKFLOW, *models]),
                "object": _refer([CONFIG, *_list_ids(behind, manifest)]),
                "result": _refer(_list_ids(entry["files"], manifest)),
            }


def _describe_exhibits(manifest: Mapping[str, Any]) -> Iterator[Entity]:
    """Yield an action for each table or figure, whose objects are the files of its runs and of its cherry-picked prompts."""
    files = {("runs", run["run"]): run["files"] for run in manifest["runs"]}
    files |= {("picked", entry["picked"]): entry["files"] for entry in manifest["picked"]}
    for exhibit in manifest["exhibits"]:
        behind = [path for kind in ("runs", "picked") for name in exhibit[kind] for path in files[kind, name]]
        yield {
            "@id": f"#exhibit/{exhibit['exhibit']}",
            "@type": "CreateAction",
            "name": exhibit["heading"],
            "description": f"Makes the files of {exhibit['exhibit']} from {len(exhibit['runs'])} runs.",
            "instrument": {"@id": WORKFLOW},
            "object": _refer([CONFIG, *_list_ids(behind, manifest)]),
            "result": _refer(_list_ids(exhibit["files"], manifest)),
        }


def _list_ids(paths: Iterable[str], manifest: Mapping[str, Any]) -> list[str]:
    """Return the names of files in the crate, without those that were not written."""
    written = {file["path"] for file in manifest["outputs"]}
    return [_find_id(path, manifest["source"]) for path in paths if path in written]


def _find_id(path: str, source: str) -> str:
    """Return the name of a file in the crate: its path from the root, or after # if it lies outside.

    >>> _find_id("results/live/tables/table1.csv", "live"), _find_id("paper_figures/live/figure2.png", "live")
    ('tables/table1.csv', '#paper_figures/live/figure2.png')
    """
    root = f"results/{source}/"
    return path.removeprefix(root) if path.startswith(root) else f"#{path}"


def _name_corpus(corpus: Mapping[str, Any]) -> str:
    return f"#corpus/{corpus['dataset']}"


def _name_model(model: Mapping[str, Any]) -> str:
    return f"#model/{model['endpoint']}/{model['asked']}"


def _is_part(entity: Entity) -> bool:
    return entity["@type"] == "File" or "File" in entity["@type"]


def _refer(names: Iterable[str]) -> list[Entity] | Entity:
    """Return references to entities, each once: one by itself, several as a list."""
    references = [{"@id": name} for name in dict.fromkeys(names)]
    return references[0] if len(references) == 1 else references
