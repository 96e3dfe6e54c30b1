"""The page in a real browser: what a person sees, without reloading."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from e2e import Emulate, pdf
from fetchprint_tools import processes
from fetchprint_tools.paths import REPO
from fetchprint_tools.samples import RECEIPT
from service_kit import Printer, Service
from support import require, wait_until

pytestmark = [pytest.mark.system, pytest.mark.slow]

SCREENSHOT = REPO / "docs" / "images" / "status-page.png"
SIZE = (1000, 1330)


@pytest.fixture(scope="module")
def browser() -> Iterator[webdriver.Chrome]:
    require("chromium", "chromedriver")
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService("/usr/bin/chromedriver")
    driver = webdriver.Chrome(options=options, service=service)
    driver.set_window_size(*SIZE)
    yield driver
    driver.quit()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with Service(tmp_path / "service") as running:
        yield running


def opened(browser: webdriver.Chrome, service: Service) -> None:
    browser.get(f"http://127.0.0.1:{service.port}/")
    wait_until(lambda: text(browser, "#printer-name") == "infra", 10, "the page")
    browser.execute_script("window.neverReloaded = true")


def text(browser: webdriver.Chrome, selector: str) -> str:
    return browser.find_element(By.CSS_SELECTOR, selector).text


def rows(browser: webdriver.Chrome, listed: str) -> list[WebElement]:
    return browser.find_elements(By.CSS_SELECTOR, f"#{listed} > li")


def sees(browser: webdriver.Chrome, listed: str, *words: str, seconds: float = 20) -> None:
    """Wait until a row of a list shows all of ``words``."""

    def shown() -> bool:
        texts = browser.execute_script(
            "return [...document.querySelectorAll(`#${arguments[0]} > li`)].map(node => node.innerText)",
            listed,
        )
        return any(all(word in one for word in words) for one in texts)

    wait_until(shown, seconds, f"{words} in {listed}")


def test_a_job_from_the_form_to_the_paper(
    browser: webdriver.Chrome, service: Service, tmp_path: Path
) -> None:
    opened(browser, service)
    assert text(browser, "#printer-state") == "stopped"
    with Emulate(service.uri, tmp_path, "--name", "Till 3", "--speed", "700") as printer:
        printer.ready()
        sees(browser, "devices", "Till 3", "idle", "Generic ESC/POS", "infra", "heard")
        two = pdf(tmp_path / "two pages.pdf", "one", "two")
        browser.find_element(By.ID, "file").send_keys(str(two))
        browser.find_element(By.ID, "send").click()
        wait_until(lambda: text(browser, "#submit-result").startswith("Job 1"), 10, "the form's answer")
        Printer(service.uri).print(RECEIPT.read_bytes(), "application/pdf")
        sees(browser, "queue", "two pages.pdf", "processing", "of 2 pages")
        sees(browser, "queue", "2 ·", "pending")
        sees(browser, "devices", "Till 3", "processing", "prints job 1")
        sees(browser, "queue", "two pages.pdf", "1 of 2 pages")
        printed = browser.find_elements(By.CSS_SELECTOR, "#queue .printed img")
        assert len(printed) == 1
        pictures = browser.find_elements(By.CSS_SELECTOR, "#queue img")
        wide = "return arguments[0].complete && arguments[0].naturalWidth"
        for picture in pictures:
            wait_until(lambda one=picture: browser.execute_script(wide, one), 10, "the picture")
        printer.control("cover open")
        sees(browser, "devices", "stopped", "cover-open")
        wait_until(lambda: text(browser, "#printer-state") == "stopped", 5, "the printer's state")
        if os.environ.get("FETCHPRINT_UPDATE_DOCS") == "1":
            browser.save_screenshot(str(SCREENSHOT))
        shot = tmp_path / "page.png"
        browser.save_screenshot(str(shot))
        assert shot.stat().st_size > 20_000
        printer.control("cover close")
        sees(browser, "ended", "1 · two pages.pdf")
        sees(browser, "ended", "2 ·", "completed", seconds=40)
    assert rows(browser, "queue") == []
    assert browser.execute_script("return window.neverReloaded") is True
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []  # type: ignore[no-untyped-call]


def test_hostile_names_are_only_text(browser: webdriver.Chrome, service: Service) -> None:
    opened(browser, service)
    from fetchprint.ipp import tags
    from fetchprint_tools.message import Attribute

    name = "<img src=x onerror=window.broken=1><script>window.broken=1</script>"
    Printer(service.uri).print(b"text", "text/plain", Attribute("job-name", tags.NAME, name))
    sees(browser, "queue", name)
    assert browser.execute_script("return window.broken") is None
    assert browser.find_elements(By.CSS_SELECTOR, "#queue script") == []


def test_cancel_and_a_file_that_cannot_be_printed(
    browser: webdriver.Chrome, service: Service, tmp_path: Path
) -> None:
    opened(browser, service)
    Printer(service.uri).print(b"text", "text/plain")
    sees(browser, "queue", "pending")
    browser.find_element(By.CSS_SELECTOR, "#queue .cancel").click()
    sees(browser, "ended", "canceled")
    assert not browser.find_element(By.CSS_SELECTOR, "#ended .cancel").is_displayed()
    strange = tmp_path / "strange.bin"
    strange.write_bytes(bytes(range(256)))
    browser.find_element(By.ID, "file").send_keys(str(strange))
    browser.find_element(By.ID, "send").click()
    wait_until(lambda: "cannot be printed" in text(browser, "#submit-result"), 10, "the refusal")


def test_the_page_finds_the_service_again(browser: webdriver.Chrome, tmp_path: Path) -> None:
    with Service(tmp_path / "data") as first:
        opened(browser, first)
        Printer(first.uri).print(b"text", "text/plain")
        sees(browser, "queue", "pending")
        processes.kill(first.process)
    offline = browser.find_element(By.ID, "offline")
    wait_until(offline.is_displayed, 10, "the page to say so")
    with Service(tmp_path / "data", "--port", str(first.port)) as second:
        wait_until(lambda: not offline.is_displayed(), 20, "the page to be back")
        Printer(second.uri).cancel(1)
        sees(browser, "ended", "canceled")
    assert browser.execute_script("return window.neverReloaded") is True
