"""A real browser, where there is one: Debian's chromium with its driver, or Chrome with a chromedriver on the path."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.remote.webdriver import WebDriver

BROWSERS = ("chromium", "google-chrome", "chrome", "chromium-browser")


@contextmanager
def browser(width: int = 1200, height: int = 900) -> Iterator[WebDriver]:
    """A window of that size; skips the test where no browser is installed."""
    program = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    driver = shutil.which("chromedriver")
    if program is None or driver is None:
        pytest.skip("no browser to open the page in: apt-get install chromium chromium-driver")
    options = Options()
    options.binary_location = program
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    opened = webdriver.Chrome(options=options, service=Service(driver))
    try:
        resize(opened, width, height)
        yield opened
    finally:
        opened.quit()


def resize(driver: WebDriver, width: int, height: int, *, phone: bool = False) -> None:
    """Another size of the window, as the page sees it."""
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def open_page(driver: WebDriver, file: Path) -> None:
    """Open a file; nothing may be fetched beside it, and nothing may go wrong."""
    driver.get_log("performance")
    driver.get(file.as_uri())
    messages = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    asked = [each["params"]["request"]["url"] for each in messages if each["method"] == "Network.requestWillBeSent"]
    assert {url for url in asked if not url.startswith("data:")} == {file.as_uri()}
    assert driver.get_log("browser") == []


def media(driver: WebDriver, scheme: str, kind: str = "") -> None:
    """What the system prefers: a light or a dark scheme; and the medium."""
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": kind, "features": features})
