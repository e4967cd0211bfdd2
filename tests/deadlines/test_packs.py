"""Shipped packs are whole; a wrong pack is refused with its line and the reason."""

import pytest

from app.deadlines.arithmetic import Period, Unit
from app.deadlines.lines import Kind, Line, Nature, nature_of
from app.deadlines.packs import (
    UNREVIEWED,
    Approver,
    Level,
    PackNotSelectable,
    PackUnknown,
    Recipient,
    RuleRow,
    load_pack,
    parse_pack,
    read_pack,
)
from app.deadlines.policies import PRACTICE
from app.deadlines.rulepacks import PackInvalid, pack_names

WORKING, DAYS, MONTHS = Unit.WORKING_DAYS, Unit.CALENDAR_DAYS, Unit.MONTHS
COUNTY, TOWNSHIP = Level.COUNTY, Level.TOWNSHIP
SELECTABLE = [name for name in pack_names() if name != "guangdong"]

TEXT = """\
name: somewhere
title: 某地
selectable: true
based_on: national
rows:
  - kind: review
    nature: duty
    start_event: submitted
    limit: {amount: 4, unit: working_days}
    warn_days: 1
    ladder: office
    article: 《某条例》第一条
  - kind: reply
    level: township
    nature: duty
    start_event: assigned
    limit: {amount: 2, unit: months}
    ladder: unit
    article: 《某条例》第二条
"""


def rows_of(name: str) -> list[RuleRow]:
    return [load_pack(name).row(kind, level) for kind in Kind for level in (COUNTY, TOWNSHIP)]


@pytest.mark.parametrize("name", SELECTABLE)
def test_a_shipped_pack_has_a_row_for_every_kind_and_level(name: str) -> None:
    rows = rows_of(name)

    assert [row.kind for row in rows] == [kind for kind in Kind for _ in range(2)]
    assert [row.nature for row in rows] == [nature_of(row.kind) for row in rows]


@pytest.mark.parametrize("name", SELECTABLE)
def test_no_clock_of_a_shipped_pack_pauses_and_only_a_promise_has_no_period(name: str) -> None:
    assert [row.kind for row in rows_of(name) if row.pausable] == []
    assert {row.kind for row in rows_of(name) if row.period() is None} == {Kind.COMMITMENT}


@pytest.mark.parametrize("name", pack_names())
def test_a_pack_nobody_has_reviewed_says_so(name: str) -> None:
    assert read_pack(name).caution == UNREVIEWED


def test_a_reviewed_pack_carries_no_caution() -> None:
    reviewed = parse_pack(TEXT + "reviewed_by: 某法制委\n", source="somewhere.yaml")

    assert reviewed.caution is None


@pytest.mark.parametrize(
    ("name", "kind", "level", "amount", "unit"),
    [
        ("national", Kind.REPLY, TOWNSHIP, 3, MONTHS),
        ("national", Kind.PETITION_FINISH, COUNTY, 60, DAYS),
        ("national", Kind.TRIAGE, TOWNSHIP, 3, WORKING),
        ("chongqing", Kind.REPLY, COUNTY, 3, MONTHS),
        ("chongqing", Kind.REPLY, TOWNSHIP, 2, MONTHS),
        ("chongqing", Kind.CO_OPINION, COUNTY, 30, WORKING),
        ("chongqing", Kind.EVALUATION, TOWNSHIP, 20, WORKING),
        ("chongqing", Kind.REHANDLING_REPLY, COUNTY, 2, MONTHS),
        ("shandong", Kind.REPLY, TOWNSHIP, 2, MONTHS),
        ("shandong", Kind.ASSIGNMENT, COUNTY, 5, DAYS),
        ("qingdao", Kind.RETURN_WINDOW, COUNTY, 5, WORKING),
        ("beijing", Kind.EVALUATION, COUNTY, 15, WORKING),
        ("beijing", Kind.REHANDLING_REPLY, COUNTY, 2, MONTHS),
        ("shanghai", Kind.ASSIGNMENT, COUNTY, 7, WORKING),
        ("henan", Kind.EVALUATION, COUNTY, 10, WORKING),
        ("henan", Kind.CO_OPINION, COUNTY, 2, MONTHS),
        ("zhejiang", Kind.REPLY, TOWNSHIP, 3, MONTHS),
        ("zhejiang", Kind.RETURN_WINDOW, TOWNSHIP, 10, DAYS),
        ("zhejiang", Kind.CO_OPINION, COUNTY, 2, MONTHS),
        ("zhejiang", Kind.REHANDLING_REPLY, COUNTY, 1, MONTHS),
    ],
)
def test_the_numbers_of_the_law(name: str, kind: Kind, level: Level, amount: int, unit: Unit) -> None:
    assert load_pack(name).row(kind, level).period() == Period(amount, unit)


def test_a_complex_matter_has_the_longer_limit_and_leaves_no_extension() -> None:
    reply = load_pack("chongqing").row(Kind.REPLY, TOWNSHIP)

    assert (reply.period(), reply.cap()) == (Period(2, MONTHS), Period(4, MONTHS))
    assert reply.period(complex_matter=True) == Period(4, MONTHS)
    assert reply.cap(complex_matter=True) is None
    assert reply.extension
    assert reply.extension.approver is Approver.PRESIDIUM


def test_practice_is_never_shown_as_an_article() -> None:
    pack = load_pack("national")

    assert pack.row(Kind.TRIAGE, TOWNSHIP).article == PRACTICE
    assert pack.row(Kind.TRIAGE, TOWNSHIP).cited == "工作惯例（法规未定天数）"
    assert pack.row(Kind.REPLY, TOWNSHIP).cited == "《代表法》第五十一条"


def test_a_ladder_names_who_hears_of_each_line() -> None:
    pack = load_pack("chongqing")
    ladder = pack.ladder(pack.row(Kind.REPLY, TOWNSHIP))

    assert ladder[Line.OVERDUE_10] == (Recipient.PRESIDIUM_CHAIR, Recipient.MEETING_AGENDA)


def test_a_pack_that_awaits_its_review_is_listed_and_cannot_be_chosen() -> None:
    assert "guangdong" in pack_names()
    with pytest.raises(PackNotSelectable, match="待法制审核"):
        load_pack("guangdong")


@pytest.mark.parametrize("name", ["atlantis", "../national", ""])
def test_a_pack_nobody_ships_is_unknown(name: str) -> None:
    with pytest.raises(PackUnknown):
        load_pack(name)


def test_own_rows_replace_those_of_the_pack_beneath() -> None:
    pack = parse_pack(TEXT, source="somewhere.yaml")

    assert pack.row(Kind.REVIEW, COUNTY).period() == Period(4, WORKING)
    assert pack.row(Kind.REPLY, TOWNSHIP).period() == Period(2, MONTHS)
    assert pack.row(Kind.REPLY, COUNTY).period() == Period(3, MONTHS)
    assert len(pack.rows) == len(load_pack("national").rows)


def test_the_version_changes_with_any_number_and_with_nothing_else() -> None:
    same = parse_pack("# a remark\n" + TEXT, source="copy.yaml")
    other = parse_pack(TEXT.replace("amount: 4", "amount: 5"), source="copy.yaml")
    version = parse_pack(TEXT, source="somewhere.yaml").version

    assert (same.version == version, other.version == version) == (True, False)


@pytest.mark.parametrize(
    ("old", "new", "line", "row", "reason"),
    [
        ("kind: reply", "kind: replies", 13, "replies / township", "kind 只能是"),
        ("amount: 4", "amount: 0", 9, "review / any", "amount 填写有误"),
        ("amount: 4", "amont: 4", 9, "review / any", "不认识的字段 amont"),
        ("unit: months", "unit: weeks", 17, "reply / township", "unit 只能是"),
        ("    ladder: office\n", "", 6, "review / any", "缺少 ladder"),
        ("ladder: office", "ladder: nobody", 11, "review / any", "催办层级 nobody 没有 due_soon 的接收人"),
        ("ladder: office", "ladder: delegate", 11, "review / any", "催办层级 delegate 没有 overdue 的接收人"),
        ("nature: duty", "nature: window", 6, "review / any", "nature 应为 duty"),
        ("warn_days: 1", "warn_days: 4", 6, "review / any", "warn_days 应小于期限"),
        ("warn_days: 1", "pause_article: practice", 6, "review / any", "中止须有法规条文"),
        ("level: township", "pause_article: 《某条例》", 13, "reply / any", "此类时限不得中止"),
        ("    limit: {amount: 2, unit: months}\n", "", 13, "reply / township", "limit 缺少或多余"),
        ("kind: review", "kind: commitment", 6, "commitment / any", "limit 缺少或多余"),
        ("title: 某地\n", "", 1, "", "缺少 title"),
        ("title: 某地", "title: 某地\nname: 别处", 3, "", "字段 name 重复"),
        ("title: 某地", "title: [某地", 3, "", "不是正确的 YAML"),
        ("based_on: national", "ladders: {}", 11, "review / any", "催办层级 office 没有 due_soon 的接收人"),
    ],
)
def test_a_wrong_pack_is_refused_with_its_line_and_the_reason(
    old: str, new: str, line: int, row: str, reason: str
) -> None:
    with pytest.raises(PackInvalid) as refused:
        parse_pack(TEXT.replace(old, new, 1), source="wrong.yaml")

    assert (refused.value.facts["line"], refused.value.facts["row"]) == (line, row)
    assert refused.value.facts["reason"].startswith(reason)


def test_a_row_given_twice_is_refused() -> None:
    again = TEXT + TEXT[TEXT.index("  - kind: reply") :]

    with pytest.raises(PackInvalid, match=r"第 20 行（reply / township）：同一时限重复"):
        parse_pack(again, source="twice.yaml")


def test_a_pack_that_lacks_a_kind_is_refused() -> None:
    alone = "name: alone\ntitle: 独立\nselectable: true\nladders: {}\nrows: []\n"

    with pytest.raises(PackInvalid, match=r"缺少 triage（county）"):
        parse_pack(alone, source="alone.yaml")


@pytest.mark.parametrize("text", ["", "[]", "5", "a: \x01"])
def test_what_is_no_pack_at_all_is_refused(text: str) -> None:
    with pytest.raises(PackInvalid, match=r"第 1 行"):
        parse_pack(text, source="odd.yaml")


def test_a_row_may_pause_where_an_article_allows_it() -> None:
    text = TEXT.replace("warn_days: 1", "pause_article: 《某条例》第三条")
    row = parse_pack(text, source="pausing.yaml").row(Kind.REVIEW, COUNTY)

    assert (row.pausable, row.nature) == (True, Nature.DUTY)
