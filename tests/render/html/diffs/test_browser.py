"""The page of a comparison in a real browser: it sorts, searches, fits a phone, and a link opens what is folded."""

from __future__ import annotations

from pathlib import Path

import pytest
from selenium.webdriver.common.by import By

from netadvise.render.html.diffs.page import diff_page
from tests.render import diff_sample as sample
from tests.render.html.browser import browser, open_page, resize
from tests.render.html.diffs.test_page import poisoned
from tests.render.html.test_browser import cells, head

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


def test_the_page_works(tmp_path: Path) -> None:
    file = tmp_path / "diff.html"
    file.write_text(diff_page(sample.failing(), sample.view()), encoding="utf-8")
    hostile = tmp_path / "hostile.html"
    hostile.write_text(diff_page(poisoned(), sample.view()), encoding="utf-8")
    with browser() as driver:
        open_page(driver, file)
        assert cells(driver, "status") == ["edited", "removed", "added", "added"]
        head(driver, "memory")
        assert cells(driver, "memory") == ["+8.19 kB", "+2.56 kB", "", "-2.05 kB"]
        search = driver.find_element(By.ID, "search")
        search.send_keys("stage1.2 kernel")
        assert cells(driver, "status") == ["edited"]
        assert driver.find_element(By.ID, "count").text == "1 of 4 rows"
        follower = driver.find_element(By.LINK_TEXT, "head")
        folded = driver.find_element(By.CSS_SELECTOR, "#layers > details tr")
        assert not folded.is_displayed()
        driver.execute_script("arguments[0].click()", follower)
        driver.implicitly_wait(5)
        assert driver.find_element(By.CSS_SELECTOR, "#layers > details[open]")
        resize(driver, 390, 844, phone=True)
        assert driver.execute_script("return document.documentElement.scrollWidth") == 390
        open_page(driver, hostile)
        assert driver.execute_script("return document.querySelectorAll('img, iframe').length") == 0
