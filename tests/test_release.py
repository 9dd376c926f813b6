"""The version is the same wherever it stands, and the files for the public catalog say what is true."""

import re
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_changelog_starts_with_the_version():
    assert re.search(r"^## (\d+\.\d+\.\d+)", read("docs/changelog.md"), re.MULTILINE)[1] == VERSION


def test_the_citation_names_the_version_and_the_paper():
    citation = yaml.safe_load(read("CITATION.cff"))
    assert citation["cff-version"] == "1.2.0"
    assert {"message", "title", "authors"} <= set(citation)
    assert (citation["version"], citation["license"]) == (VERSION, "MIT")
    (paper,) = citation["references"]
    assert paper["title"] in read("README.md").replace("\n", " ")
    assert [author["family-names"] for author in paper["authors"]] == ["Darshan", "Divekar"]
    assert "doi" not in read("CITATION.cff")


def test_commands_name_the_image_of_the_version():
    tags = re.findall(r"collide:(\S+?)[ `\"\n]", read("docs/containers.md"))
    assert len(tags) > 3
    assert set(tags) == {VERSION}


def test_the_catalog_finds_what_it_needs():
    usage = yaml.safe_load(read(".snakemake-workflow-catalog.yml"))["usage"]
    deployments = usage["software-stack-deployment"]
    assert deployments["conda"] == ("conda:" in read("rules/optimize.smk"))
    assert deployments["apptainer"] == ("\ncontainer:" in read("Snakefile"))
    assert usage["report"] == ("report(" in read("rules/report.smk"))
    readme = read("README.md").lower()
    assert "snakemake" in readme and "workflow" in readme
