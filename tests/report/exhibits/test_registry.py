"""The registry of exhibits: every study gets every kind that applies to it, under the paper's name where the paper has it."""

import sys
from pathlib import Path

import yaml

from collide.report import tables
from collide.report.exhibits import plans
from collide.report.exhibits.kind import TableKind, load_kinds
from collide.report.exhibits.registry import list_all_exhibits, read_paper_exhibits

ROOT = Path(__file__).parents[3]
CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
PAPER_ORDER = [
    *("figure1", "table1", "figure2", "figure3", "table2", "table3", "table4", "table5", "balance"),
    *("figure4", "table6", "figure5", "figure6", "quality", "calibration", "ppi"),
]
ALWAYS = {"optimization", "trajectories", "gradients", "adherence", "specificity", "quality", "calibration"}
PICKED = {"criteria", "variants", "balance"}


def with_settings(**sections):
    """The default configuration with some settings of its sections changed."""
    return CONFIG | {section: CONFIG[section] | settings for section, settings in sections.items()}


def with_study(name, **settings):
    """The default configuration with one more study, as the main one but for these settings, that alone is active."""
    return with_settings(studies={name: CONFIG["studies"]["main"] | settings}) | {"active_studies": [name]}


def kinds_of(config, study):
    """The kinds of a study's exhibits that have its name."""
    names = [exhibit.name for exhibit in list_all_exhibits(config).values() if exhibit.studies == (study,)]
    return {name.removeprefix(f"{study}-") for name in names if name.startswith(f"{study}-")}


def test_exhibits_of_the_paper_are_in_its_order_before_all_others():
    names = list(list_all_exhibits(CONFIG))
    assert names[: len(PAPER_ORDER)] == PAPER_ORDER
    assert len({kind.position for kind in load_kinds().values()}) == len(load_kinds())


def test_a_new_study_gets_every_kind_that_applies():
    assert kinds_of(with_study("talk"), "talk") == ALWAYS | PICKED
    assert kinds_of(with_study("talk", modes=["SSC", "SCC"]), "talk") == ALWAYS
    assert kinds_of(with_study("talk", cherrypick=False), "talk") == ALWAYS


def test_a_study_without_balanced_choices_has_no_figure_of_them():
    config = with_study("talk")
    assert kinds_of(config | {"cherrypick": config["cherrypick"] | {"ratios": []}}, "talk") == (ALWAYS | PICKED) - {"balance"}


def test_an_annotated_study_has_a_table_of_human_ratings():
    config = with_study("talk")
    annotated = config | {"annotation": config["annotation"] | {"studies": ["main", "talk"]}}
    assert "ppi" in kinds_of(annotated, "talk")
    assert "ppi" not in kinds_of(config, "talk")


def test_criteria_of_classes_without_order_cannot_be_calibrated():
    scale = {"classes": ["anger", "joy", "fear"]}
    criteria = {"emotion": {"description": "x", "scale": scale, "initial_instruction": "y"}}
    config = with_settings(datasets={"tweets": CONFIG["datasets"]["summeval"] | {"criteria": criteria}})
    config["studies"] = CONFIG["studies"] | {"tweets": CONFIG["studies"]["main"] | {"dataset": "tweets"}}
    assert kinds_of(config, "tweets") == (ALWAYS | PICKED) - {"calibration"}


def test_a_study_of_the_paper_has_the_papers_names_and_its_own_for_what_the_paper_lacks():
    assert kinds_of(CONFIG, "main") == set()
    assert kinds_of(CONFIG, "deepseek") == {"adherence", "specificity", "quality", "calibration"}
    assert kinds_of(CONFIG, "gradient-swap") == ALWAYS


def test_a_study_of_the_paper_may_be_gone():
    studies = {name: study for name, study in CONFIG["studies"].items() if name == "main"}
    names = list_all_exhibits(CONFIG | {"studies": studies, "active_studies": ["main"]})
    assert list(names) == [name for name in PAPER_ORDER if name not in ("figure4", "figure5", "figure6", "table6")]


def test_no_exhibit_of_the_paper_has_a_name_that_a_study_could_have():
    assert not [exhibit.name for exhibit in read_paper_exhibits() if "-" in exhibit.name]
    assert not [kind for kind in load_kinds() if "-" in kind]


NEW_TABLE = """
from collide.analysis.estimates import EstimateName
from collide.report.exhibits.kind import TableKind
from collide.report.table import Table, TableCell


def build_new_table(design):
    name = EstimateName(design.study, "SSS", "none", "average", "best")
    return Table("A caption.", [("SSS", [TableCell(name, "{:.3f}", "Best")])])


KINDS = [TableKind(name="new", position=25, title="new", build=build_new_table)]
"""


def test_a_new_table_is_one_file(tmp_path, monkeypatch):
    (tmp_path / "new_table.py").write_text(NEW_TABLE)
    monkeypatch.setattr(tables, "__path__", [*tables.__path__, str(tmp_path)])
    load_kinds.cache_clear()
    try:
        exhibits = list_all_exhibits(CONFIG)
        assert exhibits["deepseek-new"].heading == "Study deepseek: new"
        assert "main-new" in plans.match_names(exhibits.values(), TableKind).split("|")
        files = plans.list_estimate_files(CONFIG, exhibits["main-new"], "live")
        assert files == ["results/live/estimates/main/SSS/none/agreement.csv"]
        usages = plans.list_usage_files(CONFIG, exhibits["main-new"], "live")
        assert len(usages) == len(CONFIG["studies"]["main"]["seeds"])
    finally:
        # Other tests must not see it.
        sys.modules.pop("collide.report.tables.new_table", None)
        load_kinds.cache_clear()
