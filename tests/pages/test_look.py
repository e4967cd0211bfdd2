"""The pages in a real browser: small phone, large print, no script, screen readers' rules.

The browser's requests are answered here from the rendered pages and the static directory; any
request to another host fails the test.
"""

import mimetypes
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, Route, sync_playwright

from app.pages.rendering import CONTENT_SECURITY_POLICY, STATIC, STATIC_PATH, render
from tests.pages.samples import FRAME, PAGES, STATION_WITH_ERRORS

pytestmark = pytest.mark.browser

SITE = "http://pages.test"
QUIET = ("--disable-background-networking", "--disable-component-update", "--disable-sync")
TAPPED = (
    "button, select, textarea, summary, .button, .choice, .tool, .brand, .call, .calls a,"
    " .places a, .alert li a, input[type=text], input[type=tel], input[type=file]"
)

each_page = pytest.mark.parametrize("page", PAGES)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no Chromium found, and CI must have one")
        pytest.skip("no Chromium found")
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", *QUIET]
        chromium = playwright.chromium.launch(executable_path=path, args=flags)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def axe() -> str:
    """The checker's source, from a package of the development dependencies."""
    package = find_spec("axe_playwright_python")
    assert package, "axe-playwright-python is missing from the development dependencies"
    assert package.origin
    return (Path(package.origin).parent / "axe.min.js").read_text()


class Visit:
    """One page open in one tab, with what the browser complained of and asked for."""

    def __init__(self, tab: Page, page: str, big: bool = False) -> None:
        template, view = PAGES[page]
        self.html = render(template, view, frame=replace(FRAME, big=big))
        self.complaints: list[str] = []
        self.posted: list[Request] = []
        self.foreign: list[str] = []
        tab.on("console", lambda message: self.complaints.append(message.text))
        tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        tab.route("**/*", self.answer)
        tab.goto(f"{SITE}/page")

    def answer(self, route: Route, request: Request) -> None:
        path = urlsplit(request.url).path
        if not request.url.startswith(SITE):
            self.foreign.append(request.url)
            route.abort()
        elif path.startswith(STATIC_PATH):
            file = STATIC / Path(path).name
            route.fulfill(path=file, content_type=mimetypes.guess_type(file)[0])
        else:
            if request.method == "POST":
                self.posted.append(request)
            headers = {"Content-Security-Policy": CONTENT_SECURITY_POLICY}
            route.fulfill(body=self.html, content_type="text/html; charset=utf-8", headers=headers)


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    tab = browser.new_page(viewport={"width": 360, "height": 740})
    yield tab
    tab.close()


@each_page
def test_axe_finds_no_violation(phone: Page, axe: str, page: str) -> None:
    Visit(phone, page)
    phone.evaluate(axe)
    for size in ({"width": 360, "height": 740}, {"width": 1280, "height": 800}):
        phone.set_viewport_size(size)  # type: ignore[arg-type]  # a TypedDict, spelled out
        found: dict[str, Any] = phone.evaluate("() => axe.run(document)")
        assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found["violations"]] == []


@each_page
def test_browser_has_nothing_to_complain_of_under_a_strict_policy(phone: Page, page: str) -> None:
    visit = Visit(phone, page)
    assert visit.complaints == []
    assert visit.foreign == []


@pytest.mark.parametrize("big", [False, True], ids=["ordinary", "large"])
@each_page
def test_page_fits_a_small_phone_with_targets_a_thumb_can_hit(phone: Page, page: str, big: bool) -> None:
    Visit(phone, page, big)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    small = phone.eval_on_selector_all(
        TAPPED,
        """all => all.filter(one => one.getClientRects().length)
            .filter(one => one.getBoundingClientRect().height < 44)
            .map(one => one.outerHTML.slice(0, 120))""",
    )
    assert small == []


@each_page
def test_large_print_has_no_text_below_18_pixels(phone: Page, page: str) -> None:
    Visit(phone, page, big=True)
    sizes = phone.eval_on_selector_all(
        "body *",
        """all => all.filter(one => [...one.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
            .map(one => parseFloat(getComputedStyle(one).fontSize))""",
    )
    assert min(sizes) >= 18


def test_form_sent_without_script_carries_every_field_and_photo(browser: Browser, tmp_path: Path) -> None:
    photo = tmp_path / "桥.jpg"
    photo.write_bytes(b"not really a photo")
    tab = browser.new_page(java_script_enabled=False)
    visit = Visit(tab, "station")
    tab.get_by_label("什么事").fill("桥栏杆断了")
    tab.get_by_label("照片").set_input_files([photo, photo])
    tab.get_by_label("类别").select_option(label="道路桥梁")
    tab.get_by_label("直接交县人大").check()
    tab.get_by_label("请替我保密").check()
    tab.get_by_role("button", name="提交，拿回执").click()
    body = (visit.posted[0].post_data_buffer or b"").decode()
    tab.close()
    for name in ("key", "form_token", "content", "category", "place", "contact_name"):
        assert f'name="{name}"\r\n' in body
    assert body.count('name="photos"; filename="桥.jpg"') == 2
    assert 'name="route"\r\n\r\ncounty\r\n' in body
    assert 'name="confidential"\r\n\r\ntrue\r\n' in body
    assert 'name="share_with_unit"' not in body


def test_text_comes_back_exactly_as_typed_after_an_error(phone: Page) -> None:
    Visit(phone, "station-with-errors")
    assert phone.input_value("#content") == STATION_WITH_ERRORS.form.content


def test_counter_counts_as_the_server_does_and_cuts_nothing(phone: Page) -> None:
    Visit(phone, "station")
    phone.fill("#content", "𠮷" * 5001)
    assert phone.locator(".count").inner_text().endswith("多了 1 字，请删短一点")
    assert len(phone.input_value("#content")) == 5001


def test_errors_are_announced_and_focused(phone: Page) -> None:
    Visit(phone, "station-with-errors")
    assert phone.evaluate("document.activeElement.id") == "errors"
    phone.get_by_role("link", name="电话号码应是").click()
    assert phone.url.endswith("#contact_phone")


def test_printed_receipt_keeps_number_code_and_drawing_only(phone: Page) -> None:
    Visit(phone, "submitted")
    phone.emulate_media(media="print")
    assert phone.locator(".number").is_visible()
    assert phone.locator("dd.code").is_visible()
    assert phone.locator(".qr-box").is_visible()
    assert not phone.locator(".tool").is_visible()


def test_second_press_on_a_slow_network_sends_nothing_more(phone: Page) -> None:
    visit = Visit(phone, "follow-up")
    phone.evaluate(
        "document.querySelector('form').addEventListener('submit', event => event.preventDefault())"
    )
    phone.get_by_role("button", name="还没做到").click()
    phone.wait_for_selector("button[name=kept]:disabled")
    assert phone.get_by_text("正在提交，请稍等…").is_visible()
    assert visit.posted == []


def test_the_button_pressed_is_sent_although_it_is_then_held(phone: Page) -> None:
    visit = Visit(phone, "follow-up")
    phone.get_by_role("button", name="还没做到").click()
    phone.wait_for_load_state()
    assert "kept=false" in (visit.posted[0].post_data or "")
    assert urlsplit(visit.posted[0].url).path.endswith("/commitments/c1/confirmation")
