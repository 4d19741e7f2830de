"""The page in a real browser: it sorts, searches, folds, changes its theme, fits a phone, and prints."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import Select

from netadvise.dossier import Dossier
from netadvise.render.html import page
from netadvise.worker.facts import facts_of_module
from tests.render.html.browser import browser, media, open_page, resize
from tests.render.html.samples import long_profile, poisoned, whole, whole_page
from tests.zoo import UNet

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def driver() -> Iterator[WebDriver]:
    with browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages")


@pytest.fixture
def opened(driver: WebDriver, folder: Path) -> WebDriver:
    """The page with everything, in a wide window of a light system."""
    resize(driver, 1200, 900)
    media(driver, "light")
    file = folder / "whole.html"
    file.write_text(whole_page(), encoding="utf-8")
    open_page(driver, file)
    driver.execute_script("try { localStorage.clear() } catch {}")
    open_page(driver, file)
    return driver


def cells(driver: WebDriver, column: str) -> list[str]:
    """What the table shows in a column, from top to bottom."""
    script = """
    const table = document.getElementById("layer-table");
    const place = [...table.tHead.rows[0].cells].findIndex((cell) => cell.textContent === arguments[0]);
    return [...table.tBodies[0].rows].filter((row) => !row.hidden).map((row) => row.cells[place].textContent);
    """
    found: list[str] = driver.execute_script(script, column)
    return found


def head(driver: WebDriver, name: str) -> None:
    """Click on the head of a column."""
    driver.execute_script(
        "[...document.querySelectorAll('#layer-table th button')].find((b) => b.textContent === arguments[0]).click()",
        name,
    )


def rows(driver: WebDriver) -> list[str]:
    """The names of the rows of the network that are to be seen."""
    script = (
        "return [...document.querySelectorAll('.net .row:not(.heads)')].filter((row) => row.checkVisibility())"
        ".map((row) => row.querySelector('.name').textContent)"
    )
    found: list[str] = driver.execute_script(script)
    return found


def test_the_table_sorts_by_number_by_text_and_back(opened: WebDriver) -> None:
    ran = cells(opened, "layer")
    head(opened, "params")
    assert cells(opened, "params")[:6] == ["576"] * 5 + ["90"]
    head(opened, "params")
    assert cells(opened, "params")[-6:] == ["90"] + ["576"] * 5
    head(opened, "params")
    assert cells(opened, "layer") == ran
    head(opened, "kind")
    assert cells(opened, "kind") == sorted(cells(opened, "kind"), key=str.lower)
    ordered = opened.find_elements(By.CSS_SELECTOR, "th[aria-sort]")
    assert [(each.text.split()[0], each.get_attribute("aria-sort")) for each in ordered] == [("kind", "ascending")]


def test_the_table_searches_for_every_word(opened: WebDriver) -> None:
    search = opened.find_element(By.ID, "search")
    search.send_keys("conv2d STAGE")
    assert cells(opened, "layer") == ["stage.0.conv", "stage.1.conv", "stage.2.conv"]
    assert opened.find_element(By.ID, "count").text == "3 of 11 rows"
    search.clear()
    search.send_keys("nothing like it")
    assert cells(opened, "layer") == []


def test_blocks_fold_and_unfold(opened: WebDriver) -> None:
    buttons = {each.text: each for each in opened.find_elements(By.CSS_SELECTOR, "[data-fold]")}
    buttons["Fold all"].click()
    assert rows(opened) == ["stem", "stem (call 1)", "stage", "up", "natten", "head"]
    buttons["Unfold a level"].click()
    assert rows(opened) == ["stem", "stem (call 1)", "stage", "0", "1", "2", "up", "natten", "head"]
    buttons["Unfold all"].click()
    assert len(rows(opened)) == 15
    opened.find_element(By.CSS_SELECTOR, ".net summary").click()
    assert len(rows(opened)) == 6


def test_another_quantity_is_shown(opened: WebDriver) -> None:
    shown = Select(opened.find_element(By.ID, "quantity"))
    assert [each.text for each in shown.options] == ["MACs", "parameters", "activations", "receptive field", "findings"]
    shown.select_by_visible_text("receptive field")
    values = [each.text for each in opened.find_elements(By.CSS_SELECTOR, ".net .leaf .val")]
    assert values[:2] == ["3", "5"]
    assert opened.find_element(By.ID, "quantity-name").text == "receptive field"


def test_the_theme_follows_the_system_and_can_be_set(opened: WebDriver) -> None:
    ground = "return getComputedStyle(document.body).backgroundColor"
    light = opened.execute_script(ground)
    media(opened, "dark")
    dark = opened.execute_script(ground)
    assert light == "rgb(255, 255, 255)"
    assert dark != light
    theme = opened.find_element(By.ID, "theme")
    theme.click()
    assert (theme.text, opened.execute_script(ground)) == ("Theme: light", light)
    theme.click()
    media(opened, "light")
    assert (theme.text, opened.execute_script(ground)) == ("Theme: dark", dark)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(opened: WebDriver, scheme: str) -> None:
    media(opened, scheme)
    script = """
    const style = getComputedStyle(document.documentElement), paint = document.createElement("canvas").getContext("2d");
    return ["--ink", "--soft", "--link", "--error", "--warning", "--advice", "--c1", "--c2", "--c3"].map((name) => [
      name, ...["--bg", "--panel"].map((ground) => [style.getPropertyValue(name), style.getPropertyValue(ground)]
        .map((color) => { paint.fillStyle = color; return paint.fillStyle; }))]);
    """
    for name, *pairs in opened.execute_script(script):
        for front, back in pairs:
            assert contrast(front, back) >= (3 if name.startswith("--c") else 4.5), (name, front, back)


def contrast(front: str, back: str) -> float:
    """The ratio of WCAG 2, from 1 to 21."""
    lights = sorted(luminance(color) for color in (front, back))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def luminance(color: str) -> float:
    parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_a_phone_shows_all_of_it_without_scrolling_sideways(opened: WebDriver) -> None:
    resize(opened, 390, 844, phone=True)
    assert opened.execute_script("return document.documentElement.scrollWidth") == 390
    visible = "return [...document.querySelectorAll(arguments[0])].filter((e) => e.getClientRects().length).length"
    assert opened.execute_script(visible, ".plot.wide") == 0
    assert opened.execute_script(visible, ".plot.narrow") >= 6


def test_it_prints(opened: WebDriver) -> None:
    media(opened, "dark")
    printed = opened.execute_cdp_cmd("Page.printToPDF", {"printBackground": False})
    pdf = base64.b64decode(printed["data"])
    assert pdf.startswith(b"%PDF-")
    assert pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") + pdf.count(b"/Type/Page") >= 3
    media(opened, "dark", "print")
    ink = opened.execute_script("return getComputedStyle(document.body).color")
    media(opened, "light")
    assert ink == "rgb(0, 0, 0)"


def test_it_is_all_there_without_scripts(driver: WebDriver, folder: Path) -> None:
    file = folder / "bare.html"
    file.write_text(whole_page(), encoding="utf-8")
    driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        driver.get(file.as_uri())
        assert "stage.0.conv" in driver.find_element(By.ID, "layer-table").text
        assert not driver.find_element(By.ID, "theme").is_displayed()
    finally:
        driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_hostile_names_do_nothing(driver: WebDriver, folder: Path) -> None:
    file = folder / "hostile.html"
    file.write_text(page(poisoned(whole())), encoding="utf-8")
    open_page(driver, file)
    assert (
        driver.execute_script("return document.querySelectorAll('img, iframe, script:not(body > script)').length") == 0
    )
    Select(driver.find_element(By.ID, "quantity")).select_by_index(1)
    head(driver, "layer")
    assert driver.get_log("browser") == []


def test_the_data_flow_is_drawn_and_follows_the_folds(driver: WebDriver, folder: Path) -> None:
    profile, facts = facts_of_module(UNet().eval(), ("2,3,16,16",))
    file = folder / "unet.html"
    file.write_text(page(Dossier("0.1.0", "unet", profile, facts)), encoding="utf-8")
    open_page(driver, file)
    lanes = driver.find_elements(By.CSS_SELECTOR, ".lanes path")
    far = [each for each in lanes if "Q" in str(each.get_attribute("d"))]
    assert len(lanes) == len(profile.layers) + 2
    assert len(far) == 1
    assert "reads relu" in driver.find_element(By.ID, "network").text


def test_two_thousand_layers_open_in_two_seconds(driver: WebDriver, folder: Path) -> None:
    file = folder / "long.html"
    file.write_text(page(Dossier("0.1.0", "long", long_profile(2000))), encoding="utf-8")
    best = 60.0
    for _ in range(3):
        open_page(driver, file)
        best = min(
            best, driver.execute_script("return performance.getEntriesByType('navigation')[0].loadEventEnd") / 1000
        )
    # a machine that does other things as well is given more than two seconds
    assert best < 6
