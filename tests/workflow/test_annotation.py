"""From finished runs to the annotation sheet, and from the filled sheet to the table of prediction-powered means."""

import csv
import re

import pytest
import yaml

from collide.common.csv_json import read_csv

from .conftest import planned, snakemake, succeed


@pytest.fixture(scope="module")
def filled(finished, tmp_path_factory):
    """A configuration with a filled sheet whose person rates every item, and the last one not at all."""
    succeed(finished, "annotation_sheet")
    rows = read_csv(finished / "results/simulated/annotation/sheet.csv")
    folder = tmp_path_factory.mktemp("annotation")
    with (folder / "filled.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(row | {"score": 1 + place % 9 if row is not rows[-1] else ""} for place, row in enumerate(rows))
    (folder / "config.yaml").write_text(yaml.safe_dump({"annotation": {"filled": str(folder / "filled.csv")}}))
    return folder / "config.yaml"


def test_the_table_shows_evaluator_and_person_once_the_sheet_is_filled(finished, filled):
    succeed(finished, "ppi", configs=[filled])
    rows = read_csv(finished / "results/simulated/annotation/ppi.csv")
    counts = {
        row["mode"]: float(row["value"]) for row in rows if (row["gate"], row["quantity"]) == ("all", "adherence_annotated")
    }
    assert sum(counts.values()) + 1 == sum(
        row["diagnostic"] == "adherence" for row in read_csv(finished / "results/simulated/annotation/key.csv")
    )
    assert any("items of the sheet rated" in row["note"] for row in rows)
    assert "PPI" in (finished / "results/simulated/tables/ppi.tex").read_text(encoding="utf-8")


def test_all_has_the_table_only_with_a_filled_sheet(finished, filled):
    assert "estimate_annotated" not in planned(finished, "all")
    jobs = planned(finished, "all", "--forcerun=estimate_annotated", configs=[filled])
    assert jobs["estimate_annotated"] == 1


def test_a_bad_score_stops_the_job_with_its_line(finished, filled, tmp_path):
    text = filled.with_name("filled.csv").read_text(encoding="utf-8")
    (tmp_path / "bad.csv").write_text(re.sub(r",1,(simulated\r?\n)", r",11,\1", text, count=1), encoding="utf-8")
    (tmp_path / "config.yaml").write_text(yaml.safe_dump({"annotation": {"filled": str(tmp_path / "bad.csv")}}))
    done = snakemake(finished, "ppi", configs=[tmp_path / "config.yaml"])
    assert done.returncode
    assert re.search(r"bad\.csv, line 2: the score of item '\w+' is '11'; expected a whole number from 1 to 10", done.stderr)
    succeed(finished, "ppi", configs=[filled])
