"""Plans of exhibits: an exhibit plans what it shows and no more."""

import subprocess
import sys

import pytest
import yaml

from collide.report.exhibits import plans
from collide.report.exhibits.kind import FigureKind, TableKind, load_kinds
from collide.report.exhibits.registry import list_all_exhibits, read_paper_exhibits, render_readme_rows
from collide.report.figures.style import STYLES, find_style

from .test_registry import CONFIG, PAPER_ORDER, ROOT, with_settings, with_study

MODES = ("single", "SSS", "SSC", "SCC", "CCC")
EXHIBITS = list_all_exhibits(CONFIG)


def estimates_of(name, config=CONFIG):
    return {
        path.removeprefix("results/live/estimates/").removesuffix(".csv")
        for path in plans.list_estimate_files(config, list_all_exhibits(config)[name], "live")
    }


def usages_of(name):
    return plans.list_usage_files(CONFIG, EXHIBITS[name], "live")


def test_an_exhibit_is_made_when_all_its_studies_are_active():
    made = [exhibit.name for exhibit in plans.list_exhibits(CONFIG | {"active_studies": ["main"]})]
    assert made == [name for name in PAPER_ORDER if name not in ("figure4", "figure5", "figure6", "table6", "ppi")]


def test_the_document_has_a_section_for_each_study_with_exhibits_that_the_paper_lacks():
    config = with_study("talk", modes=["SCC"]) | {"active_studies": ["talk", "main", "deepseek"]}
    sections = plans.list_sections(config, "live")
    assert list(sections) == ["", "Study talk", "Study deepseek"]
    assert "results/live/tables/table6.tex" in sections[""]
    assert sections["Study talk"]["results/live/tables/talk-optimization.tex"] == "Study talk: initial and best prompts"
    shown = [file for headings in sections.values() for file in headings]
    assert shown == plans.list_shown_files(config, "live")
    assert len(plans.list_caption_files(config, "live")) == len(shown)


def test_the_table_of_human_ratings_is_made_with_a_filled_sheet_and_is_a_target_without():
    def list_names(function, filled):
        return [exhibit.name for exhibit in function(with_settings(annotation={"filled": filled}))]

    assert "ppi" in list_names(plans.list_exhibits, "filled.csv")
    assert "ppi" not in list_names(plans.list_exhibits, None)
    assert "ppi" in list_names(plans.list_targets, None)
    assert plans.list_estimate_files(CONFIG, EXHIBITS["ppi"], "live") == [
        "results/live/annotation/ppi.csv",
        "results/live/estimates/corpus/summeval.csv",
    ]
    assert all(path.endswith((".usage.json", "optimize.json")) for path in usages_of("ppi"))


def test_wildcards_match_the_names_of_their_kind():
    for kind in (TableKind, FigureKind):
        matched = plans.match_names(EXHIBITS.values(), kind).split("|")
        assert matched == [name for name, exhibit in EXHIBITS.items() if isinstance(exhibit.kind, kind)]


def test_reading_the_registry_imports_no_plotting_and_no_data_frames():
    code = (
        "import sys; from collide.report.exhibits import plans; names = list(plans.load_kinds());"
        "print(len(names), sorted({'matplotlib', 'pandas', 'scipy', 'pyarrow'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT / "scripts", capture_output=True, text=True, check=True)
    assert done.stdout.split(maxsplit=1) == [str(len(load_kinds())), "[]\n"]


def test_figure_1_needs_no_job():
    assert plans.list_estimate_files(CONFIG, EXHIBITS["figure1"], "live") == []
    assert plans.list_rating_files(CONFIG, EXHIBITS["figure1"], "live") == []
    assert plans.list_manifest_files(CONFIG, EXHIBITS["figure1"], "live") == []


def test_table_1_needs_the_agreement_of_its_cells():
    assert estimates_of("table1") == {
        "corpus/summeval",
        *(f"main/{mode}/{gate}/agreement" for mode in MODES for gate in ("mae", "none")),
    }


def test_table_3_needs_its_cells_and_the_one_variant_that_it_shows():
    assert estimates_of("table3") == {
        *("main/SSS/mae/agreement", "main/single/mae/agreement", "cherrypick/main/mae-spearman", "corpus/summeval")
    }


def test_table_4_needs_no_cherry_pick_and_no_evaluation():
    assert estimates_of("table4") == {"main/diagnostics"}
    usages = usages_of("table4")
    assert usages
    assert all(path.endswith((".usage.json", "optimize.json")) for path in usages)
    assert not [path for path in usages if "cherrypick" in path or path.endswith("/usage.json")]


def test_table_6_needs_the_deepseek_study_alone():
    assert estimates_of("table6") == {"corpus/summeval", *(f"deepseek/{mode}/mae/agreement" for mode in MODES)}
    assert all("/deepseek/" in path for path in usages_of("table6"))


def test_figure_4_needs_two_modes_and_one_gate_of_two_studies():
    cells = [f"{study}/{mode}/mae" for study in ("gradient-swap", "main") for mode in ("SSC", "SCC")]
    assert estimates_of("figure4") == {f"{cell}/diagnostics" for cell in cells}
    assert set(plans.list_rating_files(CONFIG, EXHIBITS["figure4"], "live")) == {
        f"results/live/diagnostics/{cell}/seed{seed}.csv" for cell in cells for seed in (0, 1, 2)
    }


@pytest.mark.parametrize("name", ["quality", "calibration"])
def test_the_judge_evaluation_of_a_study_is_one_file(name):
    files = plans.list_estimate_files(CONFIG, EXHIBITS[name], "live")
    # A table that the mean absolute error decides on shows that of a constant judge, too.
    assert set(files) - {"results/live/estimates/corpus/summeval.csv"} == {"results/live/quality/main.csv"}


def test_runs_that_the_configuration_does_not_have_are_not_planned():
    config = with_settings(studies={"main": CONFIG["studies"]["main"] | {"modes": ["SCC"], "gates": ["none"]}})
    assert estimates_of("figure4", config) == {f"gradient-swap/{mode}/mae/diagnostics" for mode in ("SSC", "SCC")}


@pytest.mark.parametrize("modes", [["single", "SSC"], ["single"], ["SCC"]])
@pytest.mark.parametrize("gates", [["none"], ["mae", "spearman"]])
def test_the_initial_prompt_is_that_of_a_mode_that_the_study_has(modes, gates):
    config = with_study("talk", modes=modes, gates=gates, seeds=[4], steps=1)
    exhibits = [exhibit for exhibit in list_all_exhibits(config).values() if exhibit.studies == ("talk",)]
    wanted = {name for exhibit in exhibits for name in exhibit.kind.list_estimates(plans.plan_design(config, exhibit))}
    initial = {name.mode for name in wanted if name.quantity in ("initial", "initial/pooled/spearman")}
    assert initial <= set(modes)
    assert initial


def test_usage_of_a_cell_is_that_of_its_runs_and_of_a_variant_that_of_its_seeds():
    criteria = CONFIG["datasets"]["summeval"]["criteria"]
    singles = [f"results/live/runs/main/single-{c}/mae/seed{s}/usage.json" for c in criteria for s in (0, 1, 2)]
    variant = [f"results/live/cherrypick/main/mae-spearman/seed{seed}/usage.json" for seed in (0, 1, 2)]
    initial = [f"results/live/runs/main/SSS/mae/seed{seed}/usage.json" for seed in (0, 1, 2)]
    assert set(usages_of("table3")) == {*singles, *variant, *initial}


@pytest.mark.parametrize("name", load_kinds())
def test_an_edit_of_a_builder_reaches_its_own_exhibits_alone(name):
    builders = {other: kind.find_builder().__module__.replace(".", "/") + ".py" for other, kind in load_kinds().items()}
    code = plans.list_exhibit_files(name)
    reached = {other for other, module in builders.items() if any(path.as_posix().endswith(module) for path in code)}
    assert reached == {other for other, module in builders.items() if module == builders[name]}


@pytest.mark.parametrize("name", PAPER_ORDER)
def test_parameters_of_a_rule_are_plain_values(name):
    plain = plans.design_params(CONFIG, EXHIBITS[name])
    assert yaml.safe_load(yaml.safe_dump(plain)) == plain


def test_settings_of_cherry_picking_are_no_parameter_of_other_exhibits():
    changed = with_settings(cherrypick={"ratios": [7]})
    same = [
        exhibit.name
        for exhibit in EXHIBITS.values()
        if plans.design_params(changed, exhibit) == plans.design_params(CONFIG, exhibit)
    ]
    assert [name for name in EXHIBITS if name not in same] == ["table3", "table5", "balance"]


def test_a_mode_that_is_added_has_a_style():
    assert find_style("a new mode") in STYLES


def test_studies_are_named_as_data_alone():
    """In code, a renamed or further study would be overlooked."""
    for path in (ROOT / "scripts/collide/report").rglob("*.py"):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            quoted = any(f'"{study}"' in line for study in CONFIG["studies"])
            assert not quoted or line.strip().startswith(">>>"), f"{path}:{number}"


def test_the_readme_lists_every_exhibit():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = readme.partition("<!-- exhibits -->\n")[2].partition("<!-- /exhibits -->")[0]
    rows = render_readme_rows()
    assert block.splitlines()[2:] == rows, "copy these rows to README.md:\n" + "\n".join(rows)


def test_the_readme_names_the_file_of_every_exhibit():
    files = [row.split("`")[-2] for row in render_readme_rows()]
    assert len(files) > len(read_paper_exhibits())
    assert files[PAPER_ORDER.index("table6")] == files[PAPER_ORDER.index("table1")] == "tables/optimization.py"
    assert all((ROOT / "scripts/collide/report" / file).is_file() for file in files)
