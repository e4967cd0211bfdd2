"""An office's ledger comes in as files with their history, once; each row that cannot is refused by name."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.permissions import Side
from app.alerts.models import Alert
from app.deadlines.models import Deadline
from app.directory import queries as directory
from app.directory import service
from app.directory.models import Congress, OrganisationKind, Region
from app.directory.service import Seat
from app.infra.audit import AuditRow
from app.infra.db import Database
from app.infra.outbox import OutboxRow
from app.infra.sheets import SheetUnreadable, rows_of
from app.infra.tenants import Tenant
from app.kernel.clock import local_midnight
from app.operations.importing import run_import
from app.operations.importing_ground import CongressUnclear
from app.operations.importing_rows import ImportReport, Options
from app.operations.ledger_sheet import read_ledger
from app.operations.verifying_clocks import clocks_match_states, duties_looked_at
from app.operations.verifying_due_dates import due_dates
from app.opinions.models import Opinion
from app.suggestions import queries, reviewing
from app.suggestions.models import Assignment, Step, Suggestion
from app.suggestions.reply_models import Commitment, Evaluation, Reply
from app.suggestions.states import AssignmentState, State
from app.suggestions.steps import SYSTEM, Doing
from tests.conftest import NOW
from tests.operations.files import DATA, a_csv, real
from tests.people import County

HEADINGS = (
    "编号", "标题", "领衔代表", "联名代表", "提出时间", "交办时间", "承办单位", "协办单位", "答复时间",
    "办理结果", "满意度", "内容/案由", "建议内容", "类别", "会议/闭会",
)  # fmt: skip
CONGRESS = "甲镇人民代表大会"
ROWS: tuple[tuple[object, ...], ...] = (
    (
        "第18届2次会议第1号", "关于修水渠的建议", "alice", "bao、cui", "2025年3月1日", "2025/3/10",
        "县水务局", "县交通局", "20250520", "A", "满意", "水渠坍塌。", "请清淤加固。", "农业农村",
        "十八届二次会议",
    ),
    (
        12, "关于路灯的建议", "alice", "", "\t2025-04-01", "45758", "水务局", "", "2025.7.1",
        "列入计划", "基本满意", "路灯不亮。", "请更换。", "", "闭会",
    ),
    (
        "", "关于校车的建议", "bao", "无", "2025-05-06 10:30:00", "2025-05-06", "县交通局", "", "2025-07-30",
        "暂不具备条件", "不满意", "车太挤。", "请加车。", "", "闭会",
    ),
    (
        "闭会3号", "关于井盖的建议", "alice", "", "2025-05-07", "2025-05-12", "县水务局", "", "2025-08-01",
        "D", "", "没井盖。", "请补。", "", "闭会",
    ),
    ("闭会4号", "关于桥的建议", "alice", "", "2026-10-09", "2026-10-19", "县交通局", *[""] * 8),
    ("闭会5号", "关于站牌的建议", "cui", "", "2026-11-20", *[""] * 10),
    ("", "关于厕所的建议", "cui", "", "2026-11-23", *[""] * 10),
)  # fmt: skip


@pytest.fixture
async def town(database: Database, tenant: Tenant, county: County) -> County:
    """The small county with two more delegates of 甲镇."""
    async with database.unit(tenant) as tx:
        congress = await tx.get_one(Congress, county.congress_id)
        for name in ("bao", "cui"):
            seated = await service.seat(tx, congress, Seat(name=name, term=18))
            county.seats[name] = seated.delegate.id
    return county


def a_book(path: Path, headings: Sequence[str], *rows: Sequence[object]) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["甲镇人大代表建议办理台账"])
    for row in (headings, *rows):
        sheet.append(list(row))
    book.save(path)
    return path


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return a_csv(tmp_path / "ledger.csv", HEADINGS, *ROWS)


async def imported(database: Database, tenant: Tenant, file: Path, **options: Any) -> ImportReport:
    given = {"congress": CONGRESS, **options}
    return await run_import("cases", file, database, tenant, NOW, Options(**given))


async def by_title(tx: AsyncSession) -> dict[str, Suggestion]:
    return {
        row.title.removeprefix("关于").removesuffix("的建议"): row
        for row in await tx.exec(select(Suggestion))
    }


async def test_each_row_stands_where_the_ledger_left_it(
    database: Database, tenant: Tenant, town: County, ledger: Path
) -> None:
    report = await imported(database, tenant, ledger)

    assert (report.added, report.refused) == (7, ())
    async with database.unit(tenant) as tx:
        found = await by_title(tx)
        assert {title: row.state for title, row in found.items()} == {
            "修水渠": State.CLOSED,
            "路灯": State.CLOSED,  # 列入计划, and the ledger names no promise
            "校车": State.REJECTED,
            "井盖": State.CLOSED,  # nobody judged it while its window ran
            "桥": State.HANDLING,
            "站牌": State.ACCEPTED,
            "厕所": State.SUBMITTED,
        }
        assert {title: row.number for title, row in found.items()} == {
            "修水渠": "第18届2次会议第1号",
            "路灯": "2025年第12号",
            "校车": "第18届闭会第1号",
            "井盖": "闭会3号",
            "桥": "闭会4号",
            "站牌": "闭会5号",
            "厕所": None,
        }
        assert {row.congress_id for row in found.values()} == {town.congress_id}


async def test_a_file_keeps_the_times_the_people_and_the_words_of_its_row(
    database: Database, tenant: Tenant, town: County, ledger: Path
) -> None:
    await imported(database, tenant, ledger)

    async with database.unit(tenant) as tx:
        one = (await by_title(tx))["修水渠"]
        assert (one.situation, one.proposal, one.category) == ("水渠坍塌。", "请清淤加固。", "farming")
        assert (one.raised_in, one.delegate_id, one.created_at) == (
            "session",
            town.seats["alice"],
            local_midnight(date(2025, 3, 1)),
        )
        signers = await queries.cosigners(tx, one.id)
        assert [(s.name, s.agreed) for s in signers] == [("bao", True), ("cui", True)]
        steps = await queries.steps(tx, one.id)
        raised, assigned, replied = (date(2025, 3, 1), date(2025, 3, 10), date(2025, 5, 20))
        assert [(step.act, step.legal_on) for step in steps] == [
            ("submission", raised),
            ("review.accept", assigned),
            ("assignment", assigned),
            ("acceptance", assigned),
            ("acceptance", assigned),
            ("co-opinion", replied),
            ("contacts", assigned),
            ("reply-draft", replied),
            ("reply", replied),
            ("evaluation", replied),
        ]
        assert {step.on_behalf_of for step in steps if step.side == "delegate"} == {"alice"}
        parts = await queries.assignments(tx, one.id)
        assert [(a.unit_name, a.role, a.state, a.assigned_on) for a in parts] == [
            ("县水务局", "lead", AssignmentState.SETTLED, assigned),
            ("县交通局", "co", AssignmentState.OPINION_GIVEN, assigned),
        ]
        [clock] = await tx.exec(
            select(Deadline).where(Deadline.subject_id == parts[0].id, Deadline.kind == "reply")
        )
        assert (clock.started_on, clock.last_day) == (assigned, date(2025, 6, 10))
        assert clock.stopped_at == local_midnight(replied)


async def test_outcomes_and_marks_are_kept_and_nothing_is_made_up(
    database: Database, tenant: Tenant, town: County, ledger: Path
) -> None:
    await imported(database, tenant, ledger)

    async with database.unit(tenant) as tx:
        told = await tx.exec(
            select(Suggestion.title, Reply.outcome, Evaluation.overall, Evaluation.comment)
            .join(Assignment, col(Assignment.suggestion_id) == col(Suggestion.id))
            .join(Reply, col(Reply.assignment_id) == col(Assignment.id))
            .outerjoin(Evaluation, col(Evaluation.reply_id) == col(Reply.id))
            .order_by(col(Suggestion.created_at))
        )
        assert [row[1:] for row in told] == [
            ("solved", "satisfied", None),
            ("planned", "basically", None),
            ("not_feasible", "unsatisfied", "历史台账没有写不满意的原因。"),
            ("reference_only", None, None),
        ]
        assert (await tx.exec(select(Commitment))).all() == []
        lapsed = await tx.exec(select(Step.at).where(Step.act == "evaluation.silent"))
        assert len(lapsed.all()) == 1


async def test_nobody_is_told_what_is_past_and_what_runs_is_watched(
    database: Database, tenant: Tenant, town: County, ledger: Path
) -> None:
    await imported(database, tenant, ledger)

    async with database.unit(tenant) as tx:
        assert {row.relayed for row in await tx.exec(select(OutboxRow))} == {True}
        assert {row.historic for row in await tx.exec(select(Alert))} == {True}
        bridge = (await by_title(tx))["桥"]
        clocks = await tx.exec(
            select(Deadline).where(Deadline.root_id == bridge.id, col(Deadline.stopped_at).is_(None))
        )
        coming = {clock.kind: clock.next_line_at for clock in clocks}
        assert coming.keys() == {"reply", "first_contact", "return_window"}
        assert coming["reply"] is not None
        assert coming["reply"] > NOW
        for check in (clocks_match_states, duties_looked_at, due_dates):
            assert await check(tx, NOW) == []


async def test_a_second_run_adds_nothing_also_of_rows_without_a_number(
    database: Database, tenant: Tenant, town: County, ledger: Path, tmp_path: Path
) -> None:
    await imported(database, tenant, ledger)
    again = a_book(tmp_path / "again.xlsx", HEADINGS, *ROWS)
    second = await imported(database, tenant, again)

    assert (second.added, second.known, second.refused) == (0, 7, ())


async def test_the_same_words_of_another_day_are_another_suggestion(
    database: Database, tenant: Tenant, town: County, tmp_path: Path
) -> None:
    rows = [("关于厕所的建议", "cui", day) for day in ("2026-11-02", "2026-11-03", "2026-11-03")]
    file = a_csv(tmp_path / "a.csv", ("标题", "领衔代表", "提出时间"), *rows)

    report = await imported(database, tenant, file)

    assert (report.added, [d.left_out for d in report.duplicates]) == (2, [False, True])


async def test_a_number_that_is_another_suggestions_is_refused(
    database: Database, tenant: Tenant, town: County, ledger: Path, tmp_path: Path
) -> None:
    await imported(database, tenant, ledger)
    file = a_csv(
        tmp_path / "b.csv",
        ("编号", "标题", "领衔代表", "提出时间"),
        ("闭会3号", "关于公园的建议", "alice", "2026-01-05"),
    )

    report = await imported(database, tenant, file)

    [refused] = report.refused
    assert (report.added, refused.number, refused.field) == (0, 2, "external_id")
    assert "编号“闭会3号”已是另一件建议《关于井盖的建议》的" in refused.reason


async def test_our_own_numbers_go_on_behind_the_ledgers(
    database: Database, tenant: Tenant, town: County, tmp_path: Path
) -> None:
    headings = ("编号", "标题", "领衔代表", "提出时间")
    rows = (("第18届闭会第7号", "甲", "alice", "2026-11-02"), ("", "乙", "alice", "2026-11-23"))
    await imported(database, tenant, a_csv(tmp_path / "a.csv", headings, *rows))

    async with database.unit(tenant) as tx:
        [waiting] = await tx.exec(select(Suggestion).where(Suggestion.title == "乙"))
        await reviewing.accept(tx, waiting, Doing(SYSTEM, Side.CONGRESS, NOW))
        assert waiting.number == "第18届闭会第8号"


REFUSED: tuple[tuple[dict[str, str], str, str], ...] = (
    ({"标题": ""}, "title", "「标题」是空的"),
    ({"领衔代表": ""}, "lead", "「领衔代表」是空的"),
    ({"领衔代表": "查无此人"}, "lead", "查无此人不在本届和往届的代表名册里"),
    ({"领衔代表": "甲"}, "lead", "不像一个人的姓名"),
    ({"联名代表": "bao、无名氏"}, "cosigners", "无名氏不在本届和往届的代表名册里"),
    ({"提出时间": "", "交办时间": ""}, "raised_on", "是空的，请补上提出时间"),
    ({"提出时间": "3月1日"}, "raised_on", "认不出是哪一天"),
    ({"提出时间": "2099-01-01"}, "raised_on", "晚于现在"),
    ({"提出时间": "2025-03-11"}, "assigned_on", "早于提出时间"),
    ({"答复时间": "2025-03-09"}, "replied_on", "早于交办时间"),
    ({"答复时间": ""}, "replied_on", "有办理结果或评价就要有答复时间"),
    ({"办理结果": ""}, "outcome", "有答复就要有办理结果"),
    ({"办理结果": "研究研究"}, "outcome", "认不出是哪种办理结果"),
    ({"办理结果": "A（留作参考）"}, "outcome", "字母与文字不是同一种办理结果"),
    ({"满意度": "还可以"}, "mark", "认不出，请写满意"),
    ({"承办单位": ""}, "units", "已经交办就要写承办单位"),
    ({"承办单位": "县气象局"}, "units", "没有名为“县气象局”的承办单位"),
    ({"承办单位": "县水务局、县水务局"}, "units", "里有重复的单位"),
    ({"承办单位": "县水务局、水务局"}, "units", "请只写一次"),
    ({"承办单位": "甲局（主办）、乙局（主办）"}, "units", "两个主办单位"),
    ({"承办单位": "县水务局（会办）"}, "units", "没有主办单位"),
    ({"会议/闭会": "常规"}, "meeting", "认不出是会议期间还是闭会期间"),
    ({"标题": "#REF!"}, "title", "算错的公式"),
)


async def test_every_row_with_a_fault_is_refused_by_name_and_the_others_come_in(
    database: Database, tenant: Tenant, town: County, tmp_path: Path
) -> None:
    good = dict(zip(HEADINGS, ROWS[0], strict=True)) | {"协办单位": ""}
    faulty = [{**good, "编号": f"另{place}", **changed} for place, (changed, _, _) in enumerate(REFUSED)]
    file = a_csv(tmp_path / "a.csv", HEADINGS, *[list(row.values()) for row in (*faulty, good)])

    report = await imported(database, tenant, file)

    assert (report.added, len(report.refused)) == (1, len(REFUSED))
    for refused, (place, (_, field, reason)) in zip(report.refused, enumerate(REFUSED), strict=True):
        assert (refused.number, refused.field) == (place + 2, field)
        assert reason in refused.reason


async def test_a_ledger_without_most_columns_still_comes_in(
    database: Database, tenant: Tenant, town: County, tmp_path: Path
) -> None:
    headings = ("案由", "提出人", "主办单位", "转办日期", "办复日期", "办理结果")
    row = ("关于灯的建议", "alice等3人", "县水务局", "2025-03-10", "2025-05-20", "B")

    report = await imported(database, tenant, a_book(tmp_path / "a.xlsx", headings, row))

    assert (report.added, report.refused) == (1, ())
    assert {(v.field, v.taken_as) for v in report.variants} >= {
        ("raised_on", "2025-03-10"),
        ("lead", "alice"),
    }
    async with database.unit(tenant) as tx:
        one = (await by_title(tx))["灯"]
        assert (one.state, one.situation) == (State.CLOSED, "历史台账没有写案由。")
        assert (await queries.steps(tx, one.id))[0].words == "历史台账：alice等3人"


async def test_a_ledger_without_a_needed_column_names_it(
    database: Database, tenant: Tenant, town: County, tmp_path: Path
) -> None:
    file = a_csv(tmp_path / "a.csv", ("编号", "标题", "承办单位"), ("1", "关于灯的建议", "县水务局"))

    with pytest.raises(SheetUnreadable, match="「领衔代表」"):
        await imported(database, tenant, file)


async def test_whom_only_the_ledger_names_is_entered_on_request(
    database: Database, tenant: Tenant, town: County, tmp_path: Path
) -> None:
    row = {**dict(zip(HEADINGS, ROWS[0], strict=True)), "领衔代表": "新人甲", "联名代表": "新人乙"}
    row |= {"承办单位": "县气象局", "协办单位": "甲镇人民政府"}
    file = a_csv(tmp_path / "a.csv", HEADINGS, list(row.values()))
    assert (await imported(database, tenant, file)).added == 0

    report = await imported(database, tenant, file, add_delegates=True, add_units=True)

    assert (report.added, report.refused) == (1, ())
    async with database.unit(tenant) as tx:
        units = {unit.name: unit.region_id for unit in await directory.units(tx)}
        assert (units["县气象局"], units["甲镇人民政府"]) == (town.region_id, town.town_id)
        seats = await directory.delegates(tx, limit=9, name="新人")
        assert [(seat.name, seat.term) for seat in seats] == [("新人甲", 18), ("新人乙", 18)]


async def test_a_delegate_of_an_earlier_term_who_left_still_leads_and_signs(
    database: Database, tenant: Tenant, town: County, ledger: Path
) -> None:
    async with database.unit(tenant) as tx:
        for name in ("alice", "bao"):
            found = await directory.seat(tx, town.seats[name])
            assert found is not None
            found[0].term, found[0].left_on = 17, date(2026, 6, 1)

    assert (await imported(database, tenant, ledger)).added == 7


async def test_namesakes_and_units_that_look_alike_are_refused(
    database: Database, tenant: Tenant, town: County, ledger: Path
) -> None:
    async with database.unit(tenant) as tx:
        congress = await tx.get_one(Congress, town.congress_id)
        first = await directory.seat(tx, town.seats["bao"])
        assert first is not None
        first[0].district = "第八选区"
        await service.seat(tx, congress, Seat(name="bao", term=18, district="第九选区"))
        region = await tx.get_one(Region, town.region_id)
        await service.add_organisation(tx, region, kind=OrganisationKind.UNIT, name="示例县水务局")

    report = await imported(database, tenant, ledger)

    assert [(row.number, row.field) for row in report.refused] == [
        (2, "cosigners"),
        (3, "units"),
        (4, "lead"),
    ]
    assert "“水务局”可能是" in report.refused[1].reason


async def test_separate_units_all_answer_and_an_undone_promise_goes_on(
    database: Database, tenant: Tenant, town: County, tmp_path: Path
) -> None:
    headings = (*HEADINGS, "承诺事项", "承诺期限", "责任人")
    row = {
        **dict(zip(HEADINGS, ROWS[0], strict=True)),
        "承办单位": "分别办理：县水务局、县交通局",
        "协办单位": "",
    }
    row |= {"办理结果": "C", "承诺事项": "年底前完工", "承诺期限": "2026年12月31日", "责任人": "张工"}

    report = await imported(database, tenant, a_csv(tmp_path / "a.csv", headings, list(row.values())))

    assert (report.added, report.refused) == (1, ())
    async with database.unit(tenant) as tx:
        one = (await by_title(tx))["修水渠"]
        parts = await queries.assignments(tx, one.id)
        assert (one.state, {a.state for a in parts}, len(parts)) == (
            State.COMMITTED,
            {AssignmentState.COMMITTED},
            2,
        )
        promises = await queries.commitments(tx, [a.id for a in parts])
        assert {(p.content, p.due_on, p.owner) for p in promises} == {
            ("年底前完工", date(2026, 12, 31), "张工")
        }


async def test_a_dry_run_shows_the_same_and_writes_nothing(
    database: Database, tenant: Tenant, town: County, ledger: Path
) -> None:
    report = await imported(database, tenant, ledger, dry_run=True, add_units=True)

    assert (report.added, report.dry_run) == (7, True)
    assert [(t.field, t.heading) for t in report.layout.taken][:3] == [
        ("external_id", "编号"),
        ("title", "标题"),
        ("lead", "领衔代表"),
    ]
    async with database.unit(tenant) as tx:
        assert (await tx.exec(select(Suggestion))).all() == []
        assert (await tx.exec(select(AuditRow).where(AuditRow.action == "suggestion.create"))).all() == []


async def test_a_ledger_needs_to_know_whose_it_is(
    database: Database, tenant: Tenant, town: County, ledger: Path
) -> None:
    with pytest.raises(CongressUnclear):
        await imported(database, tenant, ledger, congress=None)


async def test_messages_with_replies_are_still_read_as_messages(
    database: Database, tenant: Tenant, town: County, tmp_path: Path
) -> None:
    headings = ("留言编号", "留言主题", "留言时间", "留言详情", "承办单位", "答复意见", "答复时间")
    row = (1, "路灯", "2018-11-30 10:00:00", "灯不亮。", "县水务局", "已修。", "2019-02-28 23:59:59")

    report = await imported(database, tenant, a_csv(tmp_path / "a.csv", headings, row))

    assert (report.added, report.layout.ignored) == (1, ("承办单位",))
    async with database.unit(tenant) as tx:
        assert len((await tx.exec(select(Opinion))).all()) == 1


@real
def test_the_real_proposals_are_all_read() -> None:
    """136 of a province, with other headings, joint ones (等17人) and whole texts in one cell."""
    with (DATA / "proposals_dev.csv").open("rb") as file:
        reading = read_ledger(rows_of(file), now=NOW)

    assert (len(reading.rows), reading.refused) == (136, ())
    assert sum(row.people_said is not None for row in reading.rows) > 0
