"""What every page promises in its HTML, whatever the browser."""

import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any, get_args

import pytest
from jinja2 import UndefinedError

from app.pages import rendering
from app.pages.rendering import STATE_WORDS, STATIC, render
from app.pages.views import OpinionState, ReceiptUnknownPage
from tests.pages.samples import FOLLOW_UP, FRAME, PAGES, STATION, STATION_WITH_ERRORS, SUBMITTED

ATTACK = "<img src=x onerror=alert(1)>\"'\n</textarea><script>alert(1)</script>"

each_page = pytest.mark.parametrize("page", PAGES)


class Outline(HTMLParser):
    """Every start tag with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def values(self, attribute: str) -> list[str]:
        return [attrs[attribute] or "" for _, attrs in self.tags if attribute in attrs]


def html_of(page: str, **frame: Any) -> str:
    template, view = PAGES[page]
    return render(template, view, frame=replace(FRAME, **frame))


@each_page
def test_page_holds_nothing_a_strict_content_policy_would_refuse(page: str) -> None:
    outline = Outline(html_of(page))
    for tag, attrs in outline.tags:
        assert "style" not in attrs
        assert not [name for name in attrs if name.startswith("on")]
        assert tag not in {"style", "iframe", "base"}
        assert tag != "script" or attrs.get("src")


@each_page
def test_page_sends_no_referrer_and_has_one_heading_and_unique_ids(page: str) -> None:
    outline = Outline(html_of(page))
    metas = [attrs for tag, attrs in outline.tags if tag == "meta"]
    assert {"name": "referrer", "content": "no-referrer"} in metas
    assert [tag for tag, _ in outline.tags].count("h1") == 1
    assert [id for id, count in Counter(outline.values("id")).items() if count > 1] == []


@each_page
def test_page_with_its_style_and_script_stays_below_60_kilobytes(page: str) -> None:
    files = sum(path.stat().st_size for path in STATIC.iterdir())
    assert len(html_of(page, big=True).encode()) + files < 60_000


@each_page
def test_large_print_follows_every_link_and_form(page: str) -> None:
    outline = Outline(html_of(page, big=True))
    targets = [
        (tag, attrs.get("href") or attrs.get("action") or "")
        for tag, attrs in outline.tags
        if tag in {"a", "form"} and "tool" not in (attrs.get("class") or "")
    ]
    own = [target for _, target in targets if re.match(r"/(?!photos/)", target)]
    assert own
    assert [target for target in own if "big=1" not in target] == []


@each_page
def test_ordinary_print_leaves_no_trace_in_links(page: str) -> None:
    html = html_of(page)
    assert html.count("big=1") == 1  # the link that turns it on
    assert 'class="big"' not in html


@each_page
def test_demo_page_says_so_and_a_real_one_does_not(page: str) -> None:
    assert "演示数据" in html_of(page)
    assert "演示数据" not in html_of(page, demo=False)


@each_page
def test_page_shows_no_emblem_and_no_foreign_address(page: str) -> None:
    outline = Outline(html_of(page))
    assets = [attrs.get("src") for tag, attrs in outline.tags if tag in {"img", "script"}]
    assets += [attrs.get("href") for tag, attrs in outline.tags if tag == "link"]
    assert [asset for asset in assets if not re.match(r"/static/|data:", asset or "")] == []


def test_text_of_residents_is_escaped_wherever_it_stands() -> None:
    form = replace(STATION.form, content=ATTACK, place=ATTACK, contact_name=ATTACK)
    pages = [
        render("station.html", replace(STATION, form=form), frame=FRAME),
        render("follow_up.html", replace(FOLLOW_UP, content=ATTACK, place=ATTACK), frame=FRAME),
    ]
    for html in pages:
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert "&lt;script&gt;alert(1)" in html


def test_errors_stand_beside_their_fields_with_the_values_kept() -> None:
    html = render("station.html", STATION_WITH_ERRORS, frame=FRAME)
    outline = Outline(html)
    fields = {attrs["name"]: attrs for _, attrs in outline.tags if "name" in attrs}
    phone = fields["contact_phone"]
    assert phone["value"] == "1380000"
    assert phone["aria-invalid"] == "true"
    assert phone["aria-describedby"] == "contact_phone-wrong"
    assert {"contact_phone-wrong", "photos-wrong", "route-wrong"} <= set(outline.values("id"))
    assert "checked" in fields["share_with_unit"]
    assert fields["upload_ids"]["value"] == "0198b7a2-0000"
    assert html.index('role="alert"') < html.index("<form")


@pytest.mark.parametrize("page", ["station-with-errors", "follow-up-asked"])
def test_every_error_in_the_summary_leads_to_a_field_on_the_page(page: str) -> None:
    outline = Outline(html_of(page))
    leads = [target[1:] for target in outline.values("href") if target.startswith("#")]
    assert len(leads) >= 2  # the skip link and an error
    assert set(leads) <= set(outline.values("id"))


def test_phone_of_a_delegate_without_consent_is_not_on_the_page() -> None:
    html = render("station.html", STATION, frame=FRAME)
    assert html.count('class="call"') == 1  # one of the two on duty consented


def test_form_is_a_multipart_post_to_its_own_address_with_key_and_token() -> None:
    outline = Outline(render("station.html", STATION, frame=FRAME))
    form = next(attrs for tag, attrs in outline.tags if tag == "form")
    hidden = {attrs["name"]: attrs["value"] for _, attrs in outline.tags if attrs.get("type") == "hidden"}
    assert (form["method"], form["enctype"]) == ("post", "multipart/form-data")
    assert form["action"] == "/s/QX7K2M"
    assert hidden == {"key": STATION.form.key, "form_token": "form-token"}


def test_page_says_before_the_form_what_the_congress_does_not_do() -> None:
    html = render("station.html", STATION, frame=FRAME)
    before = html[: html.index("<form")]
    for words in ("人大不直接处理具体案件", "检举控告", "tel:110", "tel:119", "tel:120", "tel:12345"):
        assert words in before


def test_receipt_page_shows_number_receipt_link_and_code() -> None:
    html = render("submitted.html", SUBMITTED, frame=FRAME)
    for words in (SUBMITTED.number, SUBMITTED.receipt, SUBMITTED.link, "<svg", "2026年11月30日"):
        assert words in html


@pytest.mark.parametrize("state", get_args(OpinionState))
def test_every_state_has_plain_words(state: OpinionState) -> None:
    html = render("follow_up.html", replace(FOLLOW_UP, state=state), frame=FRAME)
    assert STATE_WORDS[state][0] in html


def test_forms_not_offered_are_absent() -> None:
    closed = replace(FOLLOW_UP, may_message=False, may_rate=False, may_reopen=False, commitments=())
    assert "<form" not in render("follow_up.html", closed, frame=FRAME)


def test_template_that_asks_for_what_is_not_there_fails() -> None:
    with pytest.raises(UndefinedError):
        render("submitted.html", ReceiptUnknownPage(), frame=FRAME)


@pytest.mark.parametrize(
    ("exclusive_end", "last"),
    [
        (datetime(2026, 11, 30, 16, tzinfo=UTC), "2026年11月30日"),  # midnight in China
        (datetime(2026, 11, 30, 15, 59, tzinfo=UTC), "2026年11月30日"),
        (datetime(2026, 11, 30, 16, 1, tzinfo=UTC), "2026年12月1日"),
    ],
)
def test_a_period_ends_on_the_day_before_its_exclusive_end(exclusive_end: datetime, last: str) -> None:
    assert rendering.last_day(exclusive_end) == last


@pytest.mark.parametrize(("seconds", "minutes"), [(1, 1), (60, 1), (61, 2), (0, 1)])
def test_waiting_time_is_rounded_up_to_minutes(seconds: int, minutes: int) -> None:
    assert rendering.minutes(seconds) == minutes


@pytest.mark.parametrize(
    ("path", "large"),
    [("/o/A", "/o/A?big=1"), ("/o/A?new=1", "/o/A?new=1&big=1"), ("/s/A#x", "/s/A?big=1#x")],
)
def test_large_print_joins_a_path_without_breaking_it(path: str, large: str) -> None:
    assert rendering.with_big(path) == large


def test_style_sheet_uses_nothing_newer_than_chromium_78() -> None:
    css = re.sub(r"/\*.*?\*/", "", (STATIC / "pages.css").read_text(), flags=re.S)
    newer = (
        r":has\(|:is\(|:where\(|:focus-visible|@container|@layer|color-mix|clamp\(|&"
        r"|\binset\s*:|aspect-ratio|(?<![-\w])gap\s*:|\d[dsl]v[hw]\b"
    )
    assert re.findall(newer, css) == []
