"""Profiles: their keys, the cluster job of each rule, and what a profile of the user's own changes."""

import re
import sys
from pathlib import Path

import pytest
import yaml
from snakemake.cli import get_argument_parser, parse_args

ROOT = Path(__file__).parents[1]
CLUSTERS = ["slurm", "cluster-generic"]
RULES = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "rules").glob("*.smk")))
# The text of each rule, by its name.
BODIES = dict(re.findall(r"^(?:rule|use rule \w+ as) (\w+)(?: with)?:\n(.*?)(?=^\S|\Z)", RULES, re.MULTILINE | re.DOTALL))
LOCAL = {name for name, body in BODIES.items() if "localrule: True" in body}


def read_profile(name):
    return yaml.safe_load((ROOT / "profiles" / name / "config.yaml").read_text(encoding="utf-8"))


def submitted_rules():
    """Return the rules that run a script, or derive from one that does, without the local rules."""
    derived = set(re.findall(r"^use rule \w+ as (\w+)", RULES, re.MULTILINE))
    return {name for name, body in BODIES.items() if "script:" in body or name in derived} - LOCAL


@pytest.mark.parametrize("name", CLUSTERS)
def test_each_key_is_an_option_of_snakemake_or_of_the_plugin(name):
    options = {text for action in get_argument_parser()._actions for text in action.option_strings}
    keys = {f"--{key}" for key in read_profile(name) if not key.startswith(f"{name}-")}
    assert keys <= options


@pytest.mark.parametrize("name", CLUSTERS)
def test_each_rule_that_is_submitted_has_a_group(name):
    profile = read_profile(name)
    assert set(profile["groups"]) == submitted_rules()
    assert set(profile["groups"].values()) == set(profile["group-components"])


def test_the_cluster_profiles_differ_in_their_scheduler_alone():
    first, second = map(read_profile, CLUSTERS)
    assert all(first[key] == second[key] for key in first.keys() & second.keys() - {"executor"})


def test_each_rule_that_is_submitted_asks_for_memory_and_time():
    inherited = {"evaluate_retest", "estimate_study_diagnostics"}
    assert {name for name in submitted_rules() if "**ask_for(" in BODIES[name]} == submitted_rules() - inherited


@pytest.mark.parametrize("source", ["option", "variable"])
def test_a_profile_of_the_users_own_overrides_the_default_one(tmp_path, monkeypatch, source):
    (tmp_path / "config.yaml").write_text("cores: 3\nquiet: [all]\n")
    arguments = ["--snakefile", str(ROOT / "Snakefile")]
    if source == "option":
        arguments += ["--profile", str(tmp_path)]
    else:
        monkeypatch.setenv("SNAKEMAKE_PROFILE", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["snakemake", *arguments])
    args = parse_args(arguments)[1]
    assert (args.cores, {kind.name for kind in args.quiet}) == (3, {"ALL"})
    assert args.nolock and args.rerun_incomplete


def test_without_a_profile_eight_jobs_run_at_once_unless_cores_says_otherwise(monkeypatch):
    monkeypatch.delenv("SNAKEMAKE_PROFILE", raising=False)
    arguments = ["--snakefile", str(ROOT / "Snakefile")]
    monkeypatch.setattr(sys, "argv", ["snakemake", *arguments])
    assert [parse_args(arguments + more)[1].cores for more in ([], ["--cores", "2"])] == [8, 2]
    # With a number of jobs, Snakemake ignores --cores.
    assert parse_args(arguments)[1].jobs is None
