"""A claim is compared with runs of the paper's experiment alone, and the list says in what other runs differ."""

from pathlib import Path

import pytest
import yaml

from collide.claims.claim_reader import Claim
from collide.claims.comparability import (
    RunDesign,
    collect_designs,
    explain_incomparable,
    find_differences,
    has_papers_data,
    read_paper_design,
)
from collide.claims.page import render_page, show_study
from collide.claims.verdicts import check_claims
from collide.experiment.scales import read_scales
from tests.claims.paper import CLAIMS, PAPER, RULES

CONFIG = yaml.safe_load((Path(__file__).parents[2] / "config.yaml").read_text(encoding="utf-8"))
EMBEDDED = {"corpus": "embedded", "is_summeval": False, "pairs": 1600}
SUMMEVAL = {"corpus": "https://example.org/summeval", "is_summeval": True, "pairs": 1600}


def run(config=CONFIG, study="main", source="simulated", manifest=EMBEDDED):
    return RunDesign(**collect_designs(config, source)[study], manifest=manifest, source=source)


def differences(study="main", **of_run):
    return [difference.text for difference in find_differences(study, run(study=study, **of_run))]


def with_study(**settings):
    return CONFIG | {"studies": CONFIG["studies"] | {"main": CONFIG["studies"]["main"] | settings}}


def with_dataset(**facts):
    return CONFIG | {"datasets": CONFIG["datasets"] | {"summeval": CONFIG["datasets"]["summeval"] | facts}}


@pytest.mark.parametrize("study", read_paper_design()["studies"])
@pytest.mark.parametrize(("source", "manifest"), [("simulated", EMBEDDED), ("simulated", SUMMEVAL), ("live", SUMMEVAL)])
def test_the_default_configuration_is_the_papers_experiment(study, source, manifest):
    assert differences(study=study, source=source, manifest=manifest) == []


def test_more_seeds_are_no_difference():
    assert differences(config=with_study(seeds=[0, 1, 2, 3, 4])) == []
    assert differences(config=with_study(seeds=[0])) == ["1 seed, not 3"]


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (with_study(steps=2), "steps 2, not 12"),
        (with_study(batch_size=6), "batch size 6, not 3"),
        (with_study(protocol="authors"), "protocol human score one expert, not mean"),
        (with_study(models=CONFIG["studies"]["deepseek"]["models"]), "task model simulated/medium, not Qwen3-8B"),
        (with_dataset(split=CONFIG["datasets"]["summeval"]["split"] | {"test": 60}), "split test 60, not 480"),
        (with_study(gates=["mae"]), "gates mae, not mae, none"),
        (with_study(modes=["SCC"]), "modes SCC, not single, SSS, SSC, SCC, CCC"),
        (CONFIG | {"diagnostics": CONFIG["diagnostics"] | {"rubrics": ["topics"]}}, "rubric topics, not paper"),
        (
            CONFIG | {"diagnostics": CONFIG["diagnostics"] | {"evaluator": "qwen3-8b"}},
            "evaluator model simulated/small, not Claude",
        ),
    ],
)
def test_a_difference_is_named(config, expected):
    assert any(text.startswith(expected) for text in differences(config=config)), differences(config=config)


def test_another_corpus_or_other_criteria_are_named():
    talk = EMBEDDED | {"corpus": "talk.json"}
    assert differences(manifest=talk) == ["the corpus talk.json is not SummEval"]
    assert differences(source="live", manifest=EMBEDDED)[0] == "the corpus embedded is not SummEval"
    criteria = CONFIG["datasets"]["summeval"]["criteria"]
    other = with_dataset(criteria=criteria | {"fluency": criteria["fluency"] | {"scale": [0, 100]}})
    assert differences(config=other) == ["fluency is rated from 0 to 100, not from 1 to 5"]
    fewer = with_dataset(criteria={"fluency": criteria["fluency"]})
    assert differences(config=fewer) == ["criteria fluency, not fluency, relevance, coherence, consistency"]


def test_a_small_model_behind_an_endpoint_is_another_model():
    assert differences(source="local", manifest=SUMMEVAL)[0] == "task model smollm2-135m, not Qwen3-8B"


def test_the_papers_numbers_are_for_its_corpus_and_criteria():
    scales = read_scales({name: facts["scale"] for name, facts in CONFIG["datasets"]["summeval"]["criteria"].items()})
    assert has_papers_data(SUMMEVAL, scales, "live")
    assert has_papers_data(EMBEDDED, scales, "simulated")
    assert not has_papers_data(EMBEDDED, scales, "live")
    assert not has_papers_data(SUMMEVAL, {"fluency": scales["fluency"]}, "live")


def claim(expression):
    return Claim("c", ("Section 1",), "a claim", None, {"positive": [expression]}, "table1")


def test_a_difference_concerns_the_claims_that_rest_on_it():
    gates = {"main": find_differences("main", run(with_study(gates=["mae"])))}
    assert explain_incomparable(claim("main/SCC/mae/average/best"), gates) == ""
    assert "gates mae" in explain_incomparable(claim("main/SCC/all/average/specificity"), gates)
    evaluator = {
        "main": find_differences("main", run(CONFIG | {"diagnostics": CONFIG["diagnostics"] | {"evaluator": "qwen3-8b"}}))
    }
    assert explain_incomparable(claim("main/SCC/mae/average/best"), evaluator) == ""
    assert "evaluator" in explain_incomparable(claim("main/SCC/mae/average/adherence"), evaluator)
    steps = {"main": find_differences("main", run(with_study(steps=2)))}
    assert "study main: steps 2" in explain_incomparable(claim("cherrypick:main/mae/mae/average/spearman"), steps)
    assert explain_incomparable(claim("deepseek/SCC/mae/average/best"), steps) == ""


def test_a_claim_that_cannot_be_compared_has_no_other_verdict_and_the_page_says_why():
    other = run(with_study(steps=2))
    found = {
        verdict.claim.id: verdict for verdict in check_claims(CLAIMS, PAPER, RULES, {"main": find_differences("main", other)})
    }
    verdict = found["Table 1: main/SSS/mae/average/best"]
    assert (verdict.verdict, verdict.p_adjusted, verdict.measured.difference) == ("not comparable", None, None)
    assert verdict.measured.ours is not None
    assert found["Table 6: deepseek/SSS/mae/average/best"].verdict == "agrees"
    page = render_page(list(found.values()), "simulated", True, 0.95, RULES, [show_study("main", other)])
    assert "embedded, 1,600 pairs" in page
    assert "fluency (from 1 to 5)" in page
    assert "task: simulated/small" in page
    assert "study main: steps 2, not 12" in page


def test_without_a_study_of_the_paper_the_page_says_so():
    assert collect_designs(CONFIG | {"active_studies": ["format-dropped"]}, "live") == {}
    assert "No study of the paper is among the active studies" in render_page([], "live", False, 0.95, RULES, [])
