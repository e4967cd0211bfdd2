"""A resident's whole way in a real browser on a small phone: scan, write, receipt, question, answer,
result, mark. Without JavaScript, in large print, and with everything, where accessibility is checked.
"""

import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response, sync_playwright

from app.stations.models import DutyShift, LiaisonStation, Tier
from tests.conftest import Dsns
from tests.journeys.site import HOST, Site
from tests.uploads.pictures import detailed

pytestmark = pytest.mark.browser

SMALL = {"width": 360, "height": 740}
QUIET = ("--disable-background-networking", "--disable-component-update", "--disable-sync")
WORDS = "村口老桥的栏杆断了两节，小孩放学从那里过，很危险。\n\n希望赶快修好。"
MOST_BYTES = 60_000


@pytest.fixture(scope="module")
def site(dsns: Dsns, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    if chromium() is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no Chromium found, and CI must have one")
        pytest.skip("no Chromium found")
    site = Site(dsns, tmp_path_factory.mktemp("site"))
    site.start()
    yield site
    site.stop()


@pytest.fixture(scope="module")
def station(site: Site) -> LiaisonStation:
    """A station with a delegate on duty today and one next week."""

    async def open_it() -> LiaisonStation:
        async with site.database.unit(site.tenant) as tx:
            made = LiaisonStation(
                name="甲镇中心联络站",
                tier=Tier.CENTER,
                region_id=site.county.town_id,
                address="甲镇文昌路 18 号便民服务中心一楼",
                hours="周一至周五 9:00—17:00",
                phone="0766-0000123",
            )
            tx.add(made)
            await tx.flush()
            for days in (0, 7):
                start = site.clock.now + timedelta(days=days, hours=-1)
                tx.add(
                    DutyShift(
                        station_id=made.id,
                        delegate_id=site.county.seats["alice"],
                        starts_at=start,
                        ends_at=start + timedelta(hours=3),
                    )
                )
        return made

    return site.run(open_it())


@pytest.fixture(scope="module")
def browser(site: Site) -> Iterator[Browser]:
    """After the site: its driver then keeps the main thread's event loop to itself."""
    flags = ["--no-sandbox", "--disable-gpu", f"--host-resolver-rules=MAP {HOST} 127.0.0.1", *QUIET]
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium(), args=flags)
        yield running
        running.close()


@pytest.fixture(scope="module")
def axe() -> str:
    """The checker's source, from a package of the development dependencies."""
    package = find_spec("axe_playwright_python")
    assert package
    assert package.origin
    return (Path(package.origin).parent / "axe.min.js").read_text()


def chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")


def phone(browser: Browser, *, script: bool = True) -> BrowserContext:
    return browser.new_context(viewport=SMALL, java_script_enabled=script, locale="zh-CN")  # type: ignore[arg-type]


class Walk:
    """One resident with one phone; every page it comes to is looked at by `check`."""

    def __init__(self, tab: Page, site: Site, *, big: bool, axe: str | None) -> None:
        self.tab, self.site, self.big, self.axe = tab, site, big, axe
        self.seen: list[str] = []

    def check(self, heading: str) -> None:
        assert self.tab.locator("h1").inner_text() == heading
        assert self.tab.locator("html.big").count() == int(self.big)
        assert self.tab.get_by_text("演示数据").is_visible()
        assert self.tab.evaluate("document.documentElement.scrollWidth") <= SMALL["width"]
        self.seen.append(heading)
        if self.axe:
            self.tab.evaluate(self.axe)
            found: dict[str, Any] = self.tab.evaluate("() => axe.run(document)")
            assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found["violations"]] == []

    def office(self, act: str, content: str) -> None:
        newest = self.site.act("carol", "/api/v1/opinions?limit=1")["items"][0]
        self.site.act("carol", f"/api/v1/opinions/{newest['id']}/{act}", {"content": content})
        self.site.clock.pass_(minutes=10)


@pytest.mark.parametrize(
    ("script", "big"),
    [(False, False), (False, True), (True, False)],
    ids=["no-script", "no-script-large-print", "script-and-axe"],
)
def test_from_scan_to_mark_on_a_small_phone(
    site: Site,
    station: LiaisonStation,
    browser: Browser,
    axe: str,
    tmp_path: Path,
    script: bool,
    big: bool,
) -> None:
    context = phone(browser, script=script)
    tab = context.new_page()
    walk = Walk(tab, site, big=big, axe=axe if script else None)

    tab.goto(f"{site.base}/s/{station.code}")
    if big:
        tab.get_by_role("link", name="大字版").click()
    walk.check("甲镇中心联络站")
    assert tab.locator("#duty ~ .people").get_by_text("alice").is_visible()

    write(tab, photo(tmp_path), phone_number="1380000")
    walk.check("甲镇中心联络站")
    assert tab.locator("#contact_phone-wrong").inner_text().startswith("电话号码不正确")
    assert tab.input_value("#content") == WORDS
    assert tab.get_by_text("已收到：第 1 张照片").is_visible()

    tab.get_by_label("电话", exact=True).fill("13800001234")
    tab.get_by_role("button", name="提交，拿回执").click()
    walk.check("收到了，谢谢您")
    assert tab.get_by_text("1 张照片也收到了").is_visible()
    receipt = tab.locator("dd.code").inner_text()

    site.clock.pass_(hours=2)
    walk.office("messages", "请问断的是靠学校那一边吗？")
    look_up(tab, receipt)
    walk.check("等您补充")
    tab.get_by_label("您的回答").fill("是的，靠学校。")
    tab.get_by_role("button", name="发送").click()
    walk.check("已收到，正在看")
    assert tab.get_by_text("您说的话收到了。").is_visible()

    walk.office("answer", "断开的栏杆已焊接加固，并设了警示牌。")
    look_up(tab, receipt)
    walk.check("已有结果")
    assert tab.get_by_text("断开的栏杆已焊接加固，并设了警示牌。").is_visible()

    tab.get_by_label("基本满意").check()
    tab.get_by_label("想说两句").fill("修得快。")
    tab.get_by_role("button", name="提交评价").click()
    walk.check("已办结")
    assert tab.get_by_text("您的评价：基本满意").is_visible()
    assert len(walk.seen) == 7
    context.close()


def write(tab: Page, photo: Path, *, phone_number: str) -> None:
    tab.get_by_label("什么事").fill(WORDS)
    tab.get_by_label("照片").set_input_files(photo)
    tab.get_by_label("地点").fill("大坪村老桥")
    tab.get_by_label("类别").select_option(label="道路交通")
    tab.get_by_label("称呼").fill("陈")
    tab.get_by_label("电话", exact=True).fill(phone_number)
    tab.get_by_role("button", name="提交，拿回执").click()


def photo(directory: Path) -> Path:
    path = directory / "桥.jpg"
    path.write_bytes(detailed("JPEG"))
    return path


def look_up(tab: Page, receipt: str) -> None:
    """From the head of any page: home, then the receipt as copied."""
    tab.locator(".brand").click()
    tab.get_by_label("回执码").fill(receipt.lower())
    tab.get_by_role("button", name="查看").click()


@pytest.fixture(scope="module")
def receipt(site: Site, station: LiaisonStation, browser: Browser) -> str:
    """Of an opinion without photos."""
    context = phone(browser, script=False)
    tab = context.new_page()
    tab.goto(f"{site.base}/s/{station.code}")
    tab.get_by_label("什么事").fill("晚上八点以后没有回村的班车。")
    tab.get_by_role("button", name="提交，拿回执").click()
    code = tab.locator("dd.code").inner_text()
    context.close()
    return code


@pytest.mark.parametrize(
    "page", ["home", "station", "receipt", "follow-up", "unknown receipt", "unknown station"]
)
def test_page_with_all_it_loads_weighs_less_than_60_kilobytes(
    site: Site, station: LiaisonStation, browser: Browser, receipt: str, page: str, axe: str
) -> None:
    path = {
        "home": "/",
        "station": f"/s/{station.code}",
        "receipt": f"/o/{receipt}?new=1",
        "follow-up": f"/o/{receipt}",
        "unknown receipt": "/o/NOSUCHRECEIPT",
        "unknown station": "/s/NOSUCH",
    }[page]
    context = phone(browser)
    tab = context.new_page()
    loaded: list[Response] = []
    tab.on("response", lambda response: loaded.append(response))
    tab.goto(site.base + path, wait_until="load")
    weights = {response.url: len(response.body()) for response in loaded}
    assert len(weights) >= 3  # the page, its style, its script
    assert sum(weights.values()) < MOST_BYTES
    tab.evaluate(axe)
    assert tab.evaluate("() => axe.run(document).then(found => found.violations.map(v => v.id))") == []
    context.close()
