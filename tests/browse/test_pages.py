"""The pages in a real browser, opened from the disk: every kind of view, without an error, a request or a barrier."""

import os
import shutil

import pytest

from collide.browse.site import write_site

from ..patience import REPLY_PATIENCE
from .made_runs import MARKUP, REJECTED, RUN, SECOND, make_results

pytestmark = pytest.mark.slow

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (Debian, Ubuntu: apt-get install chromium)")
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed (.ci/browser-requirements.txt)")
    with playwright.sync_playwright() as started:
        # Chromium's sandbox refuses to work for root.
        chromium = started.chromium.launch(executable_path=CHROMIUM, chromium_sandbox=os.geteuid() != 0)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    found = make_results(tmp_path_factory.mktemp("results"))
    write_site(found)
    return found


@pytest.fixture(params=["light", "dark"])
def page(request, browser, site):
    """The list of all runs. Errors on the console and requests for anything but files fail the test at its end."""
    opened = browser.new_page(color_scheme=request.param)
    opened.set_default_timeout(REPLY_PATIENCE * 1000)
    problems = []
    opened.on("console", lambda message: problems.append(message.text) if message.type in ("error", "warning") else None)
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("request", lambda sent: None if sent.url.startswith(("file:", "data:")) else problems.append(sent.url))
    opened.goto((site.folder / "index.html").as_uri())
    opened.get_by_role("heading", name="All runs").wait_for()
    yield opened
    opened.close()
    assert problems == []


def check_access(page):
    """Fail if axe-core finds a serious barrier in the view that is shown."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    # Preloading style sheets asks for them in a way that browsers refuse for files.
    found = axe.Axe().run(page, options={"preload": False}).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in ("serious", "critical")] == []


def open_view(page, address, heading):
    page.evaluate("address => { location.hash = address; }", f"#/{address}")
    page.get_by_role("heading", name=heading).first.wait_for()


def test_all_runs_are_listed_sorted_and_filtered(page):
    check_access(page)
    rows = page.locator("table.runs tbody tr")
    assert rows.count() == 2
    assert "not started" in rows.nth(1).inner_text()
    assert "SIMULATED" in page.get_by_role("note").inner_text()
    page.get_by_role("button", name="Missing").click()
    assert page.locator("th[aria-sort=ascending]").inner_text().startswith("Missing")
    page.get_by_label("Filter").fill("seed1")
    assert page.locator("table.runs tbody tr").count() == 1
    page.get_by_label("Filter").fill("seed7")
    page.get_by_text("No run fits the filter.").wait_for()


def test_a_run_opens_by_a_click_and_its_steps_by_keys(page):
    page.get_by_role("link", name=RUN).click()
    page.get_by_role("heading", name="Step 0 of 2").wait_for()
    check_access(page)
    page.keyboard.press("j")
    page.get_by_role("heading", name="Step 1 of 2").wait_for()
    check_access(page)
    assert page.locator("del", has_text="Rate").count() == 1
    assert "Candidate" in page.locator("ins").first.inner_text()
    assert page.get_by_text("Candidate accepted by gate mae: mae 0.5 against 1.0.").count() == 1
    assert page.get_by_text("missing (no number)").count() == 2
    page.keyboard.press("u")
    page.get_by_role("heading", name="All runs").wait_for()


def test_texts_with_markup_are_text(page):
    open_view(page, f"run/{RUN}/step/1/pair/d0/A", "Step 1 of 2")
    assert page.locator("[data-pair='d0/A'] .texts").inner_text().count(MARKUP) == 1
    assert page.locator("main img, main b, main script").count() == 0


def test_a_prompt_shows_its_grid_and_the_pairs_that_changed(page):
    open_view(page, f"prompt/{RUN}/{SECOND}/test/tone", f"Prompt {SECOND}")
    check_access(page)
    # The judge gives 1 to the pairs with human scores 2, 3 and 1; the first pair has no rating.
    cells = page.locator("table.grid tbody tr")
    assert [cells.nth(row).locator("td").first.inner_text() for row in range(4)] == ["1", "1", "1", "2.00"]
    assert "missing: 1" in page.locator("table.grid caption").inner_text()
    page.get_by_role("heading", name="Hurt: 2 of 3 pairs").wait_for()
    page.get_by_role("link", name="d2/A").click()
    page.locator(".card.target", has_text="d2/A").wait_for()
    open_view(page, f"prompt/{RUN}/{REJECTED}", f"Prompt {REJECTED}")
    check_access(page)


def test_two_steps_are_compared(page):
    open_view(page, f"compare/{RUN}/0/{RUN}/1", "Compare")
    check_access(page)
    assert page.locator("ins").count() > 0
    page.get_by_role("combobox", name="Step").nth(1).select_option("0")
    page.wait_for_function("document.querySelectorAll('ins').length === 0")


def test_search_finds_texts_of_the_run_and_leads_to_them(page):
    open_view(page, f"run/{RUN}", RUN)
    page.keyboard.press("/")
    page.get_by_label("Words").fill("onerror=alert")
    # In three candidates and messages of two steps, and in the first pair's question.
    page.locator("main li").first.wait_for()
    check_access(page)
    assert page.locator("main mark").first.inner_text() == "onerror=alert"
    page.get_by_role("link", name="question of d0/A").click()
    page.get_by_role("heading", name="Step 1 of 2").wait_for()


def test_an_address_of_nothing_says_so(page):
    open_view(page, f"prompt/{RUN}/none", "Prompt none")
    page.get_by_text("This prompt has no ratings yet").wait_for()
