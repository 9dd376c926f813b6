"""The files of the pages: data as scripts, texts once, and the state of each run."""

import json
import re

from collide.browse.site import SCRIPTS, write_site

from .made_runs import MARKUP, RUN, make_results


def read_data(site, name):
    text = (site.folder / "data" / f"{name}.js").read_text(encoding="utf-8")
    called, data = re.fullmatch(r'collide\.receive\("([^"]*)",(.*)\);\n', text, re.DOTALL).groups()
    assert called == name
    return json.loads(data)


def test_the_list_has_planned_runs_that_have_not_started_and_those_that_exist(tmp_path):
    site = make_results(tmp_path)
    said = write_site(site)
    assert f"{site.folder / 'index.html'} shows 1 of 2 runs" in said
    first, second = read_data(site, "index")["runs"]
    assert (first["run"], first["state"]) == (RUN, "finished")
    assert (second["run"], second["state"]) == ("one/SSS/mae/seed1", "not started")
    assert read_data(site, f"runs/{RUN}")["run"] == RUN


def test_a_run_with_a_journal_alone_is_running(tmp_path):
    site = make_results(tmp_path)
    (tmp_path / "journal/one/SSS/mae/seed1").mkdir(parents=True)
    write_site(site)
    assert read_data(site, "index")["runs"][1]["state"] == "running"


def test_a_file_that_is_being_written_leaves_one_run_out_with_its_reason(tmp_path):
    site = make_results(tmp_path)
    steps = tmp_path / "runs" / RUN / "steps.jsonl"
    steps.write_text(steps.read_text(encoding="utf-8")[:-50], encoding="utf-8")
    write_site(site)
    entry = read_data(site, "index")["runs"][0]
    assert entry["state"] == "unreadable"
    assert "JSONDecodeError" in entry["why"]


def test_runs_of_a_study_that_is_not_configured_are_listed_as_left_out(tmp_path):
    site = make_results(tmp_path)
    (tmp_path / "runs/one").rename(tmp_path / "runs/other")
    write_site(site)
    assert read_data(site, "index")["left_out"] == [
        "other/SSS/mae/seed0: no study of this name is in the configuration",
    ]


def test_each_text_is_stored_once_with_its_word(tmp_path):
    site = make_results(tmp_path)
    write_site(site)
    texts = read_data(site, "texts/talk")
    assert texts["inputs"] == ["question", "context"]
    assert texts["texts"].count("the same context") == 1
    inputs, output = texts["pairs"]["d3/A"]
    assert [texts["texts"][place] for place in (*inputs, output)] == [f"question 3 {MARKUP}", "the same context", "answer 3"]


def test_before_the_first_run_the_list_is_there_without_texts(tmp_path):
    site = make_results(tmp_path)
    (tmp_path / "runs").rename(tmp_path / "moved")
    (tmp_path / "corpus").rename(tmp_path / "moved-corpus")
    assert "shows 0 of 2 runs" in write_site(site)
    assert read_data(site, "index")["datasets"] == {"talk": False}


def test_pages_made_again_drop_runs_that_are_gone_and_say_that_replies_are_simulated(tmp_path):
    site = make_results(tmp_path)
    write_site(site)
    (tmp_path / "runs").rename(tmp_path / "moved")
    write_site(site)
    assert not (site.folder / "data/runs").exists()
    assert "SIMULATED" in read_data(site, "index")["notice"]


def test_the_page_loads_only_files_beside_it(tmp_path):
    site = make_results(tmp_path)
    write_site(site)
    page = (site.folder / "index.html").read_text(encoding="utf-8")
    addresses = re.findall(r'(?:src|href)="([^"#]+)"', page)
    assert addresses == ["data:,", "style.css", *SCRIPTS]
    assert all((site.folder / name).is_file() for name in addresses[1:])
    for name in (*SCRIPTS, "style.css"):
        text = (site.folder / name).read_text(encoding="utf-8")
        # The name of the SVG namespace is an address that no browser loads.
        assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)|innerHTML|insertAdjacentHTML|document\.write", text), name
