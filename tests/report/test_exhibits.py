"""The registry of exhibits: an exhibit plans what it shows and no more, and everything else follows from its entry."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from collide.report import plans, tables
from collide.report.exhibit import FigureExhibit, TableExhibit, load_exhibits
from collide.report.figures.style import STYLES, find_style

ROOT = Path(__file__).parents[2]
CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
PAPER_ORDER = [
    *("figure1", "table1", "figure2", "figure3", "table2", "table3", "table4", "table5", "balance"),
    *("figure4", "table6", "figure5", "figure6", "quality", "calibration", "ppi"),
]
MODES = ("single", "SSS", "SSC", "SCC", "CCC")


def names_of(kind):
    return [name for name, exhibit in load_exhibits().items() if isinstance(exhibit, kind)]


def estimates_of(name, config=CONFIG):
    return {
        path.removeprefix("results/live/estimates/").removesuffix(".csv")
        for path in plans.list_estimate_files(config, name, "live")
    }


def with_settings(**sections):
    """The default configuration with some settings of its sections changed."""
    return CONFIG | {section: CONFIG[section] | settings for section, settings in sections.items()}


def test_exhibits_are_in_the_papers_order_at_places_of_their_own():
    assert list(load_exhibits()) == PAPER_ORDER
    assert len({exhibit.position for exhibit in load_exhibits().values()}) == len(PAPER_ORDER)


NEW_TABLE = """
from collide.analysis.estimates import EstimateName
from collide.report.exhibit import TableExhibit
from collide.report.table import Table, TableCell


def build_new_table(design):
    name = EstimateName(design.study, "SSS", "none", "average", "best")
    return Table("A caption.", [("SSS", [TableCell(name, "{:.3f}", "Best")])])


EXHIBITS = [TableExhibit(name="new", position=25, heading="New", studies=("main",), build=build_new_table)]
"""


def test_a_new_table_is_one_file(tmp_path, monkeypatch):
    (tmp_path / "new_table.py").write_text(NEW_TABLE)
    monkeypatch.setattr(tables, "__path__", [*tables.__path__, str(tmp_path)])
    load_exhibits.cache_clear()
    try:
        assert list(load_exhibits())[1:4] == ["table1", "new", "figure2"]
        assert "new" in plans.match_names(TableExhibit).split("|")
        assert estimates_of("new") == {"main/SSS/none/agreement"}
        assert len(plans.list_usage_files(CONFIG, "new", "live")) == len(CONFIG["studies"]["main"]["seeds"])
    finally:
        # Other tests must not see it.
        sys.modules.pop("collide.report.tables.new_table", None)
        load_exhibits.cache_clear()


def test_an_exhibit_is_made_when_all_its_studies_are_active():
    made = [exhibit.name for exhibit in plans.list_exhibits(CONFIG | {"active_studies": ["main"]})]
    assert made == [name for name in PAPER_ORDER if name not in ("figure4", "figure5", "figure6", "table6", "ppi")]


def test_the_table_of_human_ratings_is_made_with_a_filled_sheet_and_is_a_target_without():
    def list_names(function, filled):
        return [exhibit.name for exhibit in function(with_settings(annotation={"filled": filled}))]

    assert "ppi" in list_names(plans.list_exhibits, "filled.csv")
    assert "ppi" not in list_names(plans.list_exhibits, None)
    assert "ppi" in list_names(plans.list_targets, None)
    assert plans.list_estimate_files(CONFIG, "ppi", "live") == [
        "results/live/annotation/ppi.csv",
        "results/live/estimates/corpus/summeval.csv",
    ]
    usages = plans.list_usage_files(CONFIG, "ppi", "live")
    assert all(path.endswith((".usage.json", "optimize.json")) for path in usages)


def test_wildcards_match_the_names_of_their_kind():
    assert set(plans.match_names(TableExhibit).split("|")) == set(names_of(TableExhibit))
    assert set(plans.match_names(FigureExhibit).split("|")) == set(names_of(FigureExhibit))


def test_reading_the_registry_imports_no_plotting_and_no_data_frames():
    code = (
        "import sys; from collide.report import plans; names = list(plans.load_exhibits());"
        "print(len(names), sorted({'matplotlib', 'pandas', 'scipy', 'pyarrow'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT / "scripts", capture_output=True, text=True, check=True)
    assert done.stdout.split(maxsplit=1) == [str(len(PAPER_ORDER)), "[]\n"]


def test_figure_1_needs_no_job():
    assert plans.list_estimate_files(CONFIG, "figure1", "live") == []
    assert plans.list_rating_files(CONFIG, "figure1", "live") == []


def test_table_1_needs_the_agreement_of_its_cells():
    assert estimates_of("table1") == {
        "corpus/summeval",
        *(f"main/{mode}/{gate}/agreement" for mode in MODES for gate in ("mae", "none")),
    }


def test_table_3_needs_its_cells_and_the_one_variant_that_it_shows():
    assert estimates_of("table3") == {
        *("main/SSS/mae/agreement", "main/single/mae/agreement", "cherrypick/mae-spearman", "corpus/summeval")
    }


def test_table_4_needs_no_cherry_pick_and_no_evaluation():
    assert estimates_of("table4") == {"main/diagnostics"}
    usages = plans.list_usage_files(CONFIG, "table4", "live")
    assert usages
    assert all(path.endswith((".usage.json", "optimize.json")) for path in usages)
    assert not [path for path in usages if "cherrypick" in path or path.endswith("/usage.json")]


def test_table_6_needs_the_deepseek_study_alone():
    assert estimates_of("table6") == {"corpus/summeval", *(f"deepseek/{mode}/mae/agreement" for mode in MODES)}
    assert all("/deepseek/" in path for path in plans.list_usage_files(CONFIG, "table6", "live"))


def test_figure_4_needs_two_modes_and_one_gate_of_two_studies():
    cells = [f"{study}/{mode}/mae" for study in ("gradient-swap", "main") for mode in ("SSC", "SCC")]
    assert estimates_of("figure4") == {f"{cell}/diagnostics" for cell in cells}
    assert set(plans.list_rating_files(CONFIG, "figure4", "live")) == {
        f"results/live/diagnostics/{cell}/seed{seed}.csv" for cell in cells for seed in (0, 1, 2)
    }


@pytest.mark.parametrize("name", ["quality", "calibration"])
def test_the_judge_evaluation_of_a_study_is_one_file(name):
    files = plans.list_estimate_files(CONFIG, name, "live")
    # A table that the mean absolute error decides on shows that of a constant judge, too.
    assert set(files) - {"results/live/estimates/corpus/summeval.csv"} == {"results/live/quality/main.csv"}


def test_runs_that_the_configuration_does_not_have_are_not_planned():
    config = with_settings(studies={"main": CONFIG["studies"]["main"] | {"modes": ["SCC"], "gates": ["none"]}})
    assert estimates_of("table3", config) == set()
    assert estimates_of("figure4", config) == {f"gradient-swap/{mode}/mae/diagnostics" for mode in ("SSC", "SCC")}
    assert estimates_of("balance", config) == set()


def test_usage_of_a_cell_is_that_of_its_runs_and_of_a_variant_that_of_its_seeds():
    usages = plans.list_usage_files(CONFIG, "table3", "live")
    singles = [
        f"results/live/runs/main/single-{c}/mae/seed{s}/usage.json"
        for c in CONFIG["datasets"]["summeval"]["criteria"]
        for s in (0, 1, 2)
    ]
    variant = [f"results/live/cherrypick/mae-spearman/seed{seed}/usage.json" for seed in (0, 1, 2)]
    assert set(usages) == {*singles, *variant, *(f"results/live/runs/main/SSS/mae/seed{seed}/usage.json" for seed in (0, 1, 2))}


@pytest.mark.parametrize("name", PAPER_ORDER)
def test_an_edit_of_a_builder_reaches_its_own_exhibits_alone(name):
    exhibits = load_exhibits()
    builders = {other: exhibit.find_builder().__module__.replace(".", "/") + ".py" for other, exhibit in exhibits.items()}
    code = plans.list_exhibit_files(name)
    reached = {other for other, module in builders.items() if any(path.as_posix().endswith(module) for path in code)}
    assert reached == {other for other, module in builders.items() if module == builders[name]}


@pytest.mark.parametrize("name", PAPER_ORDER)
def test_parameters_of_a_rule_are_plain_values(name):
    plain = plans.design_params(CONFIG, name)
    assert yaml.safe_load(yaml.safe_dump(plain)) == plain


def test_settings_of_cherry_picking_are_no_parameter_of_other_exhibits():
    changed = with_settings(cherrypick={"ratios": [7]})
    same = [name for name in PAPER_ORDER if plans.design_params(changed, name) == plans.design_params(CONFIG, name)]
    assert [name for name in PAPER_ORDER if name not in same] == ["table3", "table5", "balance"]


def test_a_mode_that_is_added_has_a_style():
    assert find_style("a new mode") in STYLES


def test_studies_are_named_in_entries_alone():
    """Elsewhere, a renamed or further study would be overlooked."""
    for path in (ROOT / "scripts/collide/report").rglob("*.py"):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            quoted = any(f'"{study}"' in line for study in CONFIG["studies"])
            assert not quoted or line.strip().startswith(("studies=", ">>>")), f"{path}:{number}"


def test_the_readme_lists_every_exhibit():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = readme.partition("<!-- exhibits -->\n")[2].partition("<!-- /exhibits -->")[0]
    rows = plans.render_readme_rows()
    assert block.splitlines()[2:] == rows, "copy these rows to README.md:\n" + "\n".join(rows)


def test_the_readme_names_the_file_of_every_exhibit():
    files = [row.split("`")[-2] for row in plans.render_readme_rows()]
    assert files[PAPER_ORDER.index("table6")] == files[PAPER_ORDER.index("table1")] == "tables/optimization.py"
    assert all((ROOT / "scripts/collide/report" / file).is_file() for file in files)
