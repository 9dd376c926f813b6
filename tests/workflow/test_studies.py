"""A study of one's own: a block of the configuration brings its runs, exhibits and estimates, and reruns nothing else."""

import pytest
import yaml

from collide.common.csv_json import read_csv

from .conftest import planned, succeed

MODELS = {"task": "qwen3-8b", "loss": "qwen3-235b", "gradient": "qwen3-235b", "optimizer": "qwen3-235b"}
# Without SSS, the paper's first mode over all criteria, and without the gate mae.
TALK = {"modes": ["single", "SSC"], "gates": ["none"], "seeds": [0], "steps": 1, "batch_size": 3, "models": MODELS}
TABLES = ("optimization", "adherence", "specificity", "criteria", "variants", "quality")
FIGURES = ("trajectories", "gradients", "balance", "calibration")
# Files over all runs, which are written again after any change.
MERGED = {"merge_estimates", "check_claims", "sum_costs", "make_document", "write_manifest"}


def write_config(folder, **sections):
    path = folder / "change.yaml"
    path.write_text(yaml.safe_dump(sections), encoding="utf-8")
    return path


def test_a_new_study_gets_all_of_its_exhibits(tmp_path):
    """One seed, one step, no gate: tables say what is there, and nothing crashes."""
    config = write_config(tmp_path, active_studies=["talk"], studies={"talk": TALK})
    succeed(tmp_path, *(f"talk-{kind}" for kind in (*TABLES, *FIGURES)), "claims", configs=[config])
    tables = tmp_path / "results/simulated/tables"
    assert sorted(path.stem for path in tables.glob("*.csv")) == sorted(f"talk-{kind}" for kind in TABLES)
    for kind, row in (("criteria", "Initial"), ("variants", "Initial prompt")):
        cells = [cell for cell in read_csv(tables / f"talk-{kind}.csv") if cell["row"] == row]
        assert cells
        assert all(cell["value"] and not cell["paper"] for cell in cells)
    assert "Not run" not in (tables / "talk-criteria-caption.tex").read_text()
    for kind in FIGURES:
        assert (tmp_path / f"paper_figures/simulated/talk-{kind}.pdf").read_bytes().startswith(b"%PDF")
    rows = read_csv(tmp_path / "results/simulated/estimates.csv")
    assert {row["study"] for row in rows} == {"talk", "cherrypick:talk", "corpus:summeval"}
    assert {row["verdict"] for row in read_csv(tmp_path / "results/simulated/claims.csv")} == {"not run"}


def test_a_further_study_reruns_nothing_that_is_there(finished, tmp_path):
    active = ["main", "deepseek", "gradient-swap", "authors-protocol", "talk"]
    config = write_config(tmp_path, active_studies=active, studies={"talk": TALK})
    jobs = planned(finished, "all", configs=[config])
    # Four Single-Task runs and one over all criteria. Their initial prompts are those of the main study.
    runs, cells, variants = 5, 2, 3 + 2 + 1
    assert {name: count for name, count in jobs.items() if name not in MERGED} == {
        **dict.fromkeys(("optimize", "evaluate", "diagnose"), runs),
        **dict.fromkeys(("estimate_agreement", "estimate_diagnostics"), cells),
        **dict.fromkeys(("pick_instructions", "evaluate_variant", "estimate_variant"), variants),
        **dict.fromkeys(("score_study", "measure_lengths", "measure_variants", "measure_quality"), 1),
        "estimate_study_diagnostics": 1,
        "make_table": len(TABLES),
        "make_figure": len(FIGURES),
    }


@pytest.mark.parametrize(
    ("change", "optimized"), [({"seeds": [0, 1]}, 2), ({"modes": ["SSC", "CCC", "SSS"]}, 1)], ids=["seed", "mode"]
)
def test_a_further_seed_or_mode_reruns_no_run_that_is_there(finished, tmp_path, change, optimized):
    config = write_config(tmp_path, studies={"deepseek": change})
    jobs = planned(finished, "all", configs=[config])
    assert jobs["optimize"] == jobs["evaluate"] == jobs["diagnose"] == optimized
    assert not {"read_corpus", "split_corpus", "write_initial_prompt", "pick_instructions", "evaluate_variant"} & set(jobs)
    # Its exhibits are Table 6, Figures 5 and 6, and those with its name.
    assert jobs["make_table"] == 1 + len({"adherence", "specificity", "quality"})
    assert jobs["make_figure"] == 2 + len({"calibration"})


def test_a_further_model_reruns_nothing(finished, tmp_path):
    config = write_config(tmp_path, models={"mine": {"simulated": {"endpoint": "simulator", "name": "simulated/small"}}})
    assert planned(finished, "all", configs=[config]) == {}
