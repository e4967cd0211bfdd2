"""Past cases replayed: the product's due dates and lateness against an oracle that steps day by day.

The oracle reads the file itself and imports nothing of the product (tests/deadlines/oracle.py).
"""

import csv
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlmodel import col, select

from app.alerts.models import Alert
from app.deadlines.lines import Kind
from app.deadlines.models import Deadline
from app.deadlines.presenting import late_days
from app.directory import queries as directory
from app.infra.db import Database
from app.infra.outbox import OutboxRow
from app.infra.tenants import Tenant
from app.operations.importing import run_import
from app.operations.importing_rows import Options
from app.opinions.models import Opinion
from app.suggestions.models import Assignment, Step, Suggestion
from app.suggestions.reply_models import Reply
from tests.conftest import NOW
from tests.deadlines import oracle
from tests.deadlines.oracle import Wrongly
from tests.operations.files import CASE, DATA, a_csv, real
from tests.people import County

# The whole file takes about a minute and a half of two cores; LIANLUO_WHOLE_FILES=1 takes it.
EVERY = 1 if os.environ.get("LIANLUO_WHOLE_FILES") else 15

# Made up: month ends, rest days, make-up days, the last second, local days that are not UTC's.
INVENTED = (
    (1, "路灯", "2018-11-30 10:00:00", "灯不亮。", "已修。", "2019-02-28 23:59:59"),  # 30 Nov + 3 months
    (2, "水渠", "2018-11-30 10:00:00", "渠堵了。", "已通。", "2019-03-01 00:00:00"),  # one second late
    (
        3,
        "校车",
        "2019-07-01 00:30:00",
        "车太挤。",
        "已加车。",
        "2019-10-08 09:00:00",
    ),  # 1 Oct rolls to the 8th
    (4, "校车", "2019-07-01 23:30:00", "还是挤。", "已加车。", "2019-10-09 00:10:00"),
    (5, "井盖", "2018-06-29 08:00:00", "没井盖。", "已盖。", "2018-09-29 12:00:00"),  # a make-up Saturday
    (6, "噪音", "2019-11-25 08:00:00", "太吵。", "已停。", "2020-05-20 12:00:00"),
    (7, "停车", "2020-01-05 11:49:28", "没车位。", "", ""),  # never answered
)


@dataclass(frozen=True)
class Verdict:
    """What one side says of a case: when the reply was due, how many days late it is or was."""

    due: date
    late: int


def by_oracle(
    rows: Iterable[Mapping[str, str]], *, today: date, wrongly: Wrongly | None = None
) -> dict[str, Verdict]:
    """Three months from the day of the message; late are the days after it."""
    said = {}
    for row in rows:
        due = oracle.after_months(date.fromisoformat(row["time"][:10]), 3, wrongly=wrongly)
        ended = date.fromisoformat(row["reply_time"][:10]) if row["reply_time"] else today
        said[row["msg_no"]] = Verdict(due, max(0, (ended - due).days))
    return said


async def by_product(database: Database, tenant: Tenant) -> dict[str, Verdict]:
    async with database.unit(tenant) as tx:
        rows = await tx.exec(
            select(Opinion.external_id, Deadline)
            .join(Assignment, col(Assignment.suggestion_id) == col(Opinion.suggestion_id))
            .join(Deadline, col(Deadline.subject_id) == col(Assignment.id))
            .where(Deadline.kind == Kind.REPLY)
        )
        return {id or "": Verdict(clock.last_day, late_days(clock, now=NOW)) for id, clock in rows}


def invented(path: Path) -> tuple[Path, list[dict[str, str]]]:
    names = ("msg_no", "title", "time", "content", "reply", "reply_time")
    rows = [dict(zip(names, map(str, row), strict=True)) for row in INVENTED]
    return a_csv(path / "cases.csv", CASE, *INVENTED), rows


def counted(said: Mapping[str, Verdict]) -> str:
    late = [verdict.late for verdict in said.values() if verdict.late]
    return f"{len(said)} cases, {len(late)} late, {sum(late)} days in all, {max(late, default=0)} at most"


async def test_the_products_figures_equal_the_oracles(
    database: Database, tenant: Tenant, county: County, tmp_path: Path
) -> None:
    file, rows = invented(tmp_path)

    report = await run_import("cases", file, database, tenant, NOW)

    said = await by_product(database, tenant)
    assert (report.good, report.refused) == (len(INVENTED), ())
    assert said == by_oracle(rows, today=date(2026, 11, 25))
    assert [said[str(n)].late for n in range(1, 6)] == [0, 1, 0, 1, 0]


@pytest.mark.parametrize("wrongly", list(Wrongly))
def test_an_oracle_with_one_planted_error_says_otherwise(wrongly: Wrongly, tmp_path: Path) -> None:
    _, rows = invented(tmp_path)
    today = date(2026, 11, 25)

    assert by_oracle(rows, today=today, wrongly=wrongly) != by_oracle(rows, today=today)


async def test_a_product_with_one_planted_error_is_seen(
    database: Database, tenant: Tenant, county: County, tmp_path: Path
) -> None:
    file, rows = invented(tmp_path)
    await run_import("cases", file, database, tenant, NOW)
    async with database.unit(tenant) as tx:
        clocks = await tx.exec(select(Deadline).where(Deadline.kind == Kind.REPLY).limit(1))
        clocks.one().last_day = date(2019, 3, 4)

    assert await by_product(database, tenant) != by_oracle(rows, today=date(2026, 11, 25))


async def test_a_case_is_a_whole_file_with_its_own_times(
    database: Database, tenant: Tenant, county: County, tmp_path: Path
) -> None:
    file, _ = invented(tmp_path)
    await run_import("cases", file, database, tenant, NOW)

    async with database.unit(tenant) as tx:
        opinion = (await tx.exec(select(Opinion).where(Opinion.external_id == "1"))).one()
        assert opinion.suggestion_id is not None
        suggestion = await tx.get_one(Suggestion, opinion.suggestion_id)
        steps = (
            await tx.exec(select(Step).where(Step.suggestion_id == suggestion.id).order_by(col(Step.id)))
        ).all()
        reply = (
            await tx.exec(
                select(Reply)
                .join(Assignment, col(Assignment.id) == col(Reply.assignment_id))
                .where(Assignment.suggestion_id == suggestion.id)
            )
        ).one()
    began, ended = (
        datetime.fromisoformat("2018-11-30T10:00+08:00"),
        datetime.fromisoformat("2019-02-28T23:59:59+08:00"),
    )
    assert (opinion.state, opinion.created_at, suggestion.state) == ("adopted", began, "replied")
    assert [(step.act, step.at) for step in steps] == [
        ("submission", began),
        ("review.accept", began),
        ("assignment", began),
        ("acceptance", began),
        ("contacts", began),
        ("reply-draft", ended),
        ("reply", ended),
    ]
    assert all(step.written_at.year >= 2024 for step in steps)
    assert steps[2].legal_on == date(2018, 11, 30)
    assert (reply.content, reply.issued_at, reply.disclosure) == ("已修。", ended, "on_request")
    assert (suggestion.title, suggestion.delegate_name) == ("路灯", "导入用代表")


async def test_nobody_is_told_and_a_second_run_adds_nothing(
    database: Database, tenant: Tenant, county: County, tmp_path: Path
) -> None:
    file, _ = invented(tmp_path)
    first = await run_import("cases", file, database, tenant, NOW)
    second = await run_import("cases", file, database, tenant, NOW)

    assert (first.added, second.added, second.known) == (7, 0, 7)
    async with database.unit(tenant) as tx:
        assert {row.relayed for row in await tx.exec(select(OutboxRow))} == {True}
        assert {row.historic for row in await tx.exec(select(Alert))} == {True}
        waiting = await tx.exec(
            select(Deadline.id).where(col(Deadline.stopped_at).is_(None), col(Deadline.next_line_at) <= NOW)
        )
        assert waiting.all() == []
        assert len([unit for unit in await directory.units(tx) if unit.name == "导入用单位"]) == 1
        assert len(await directory.delegates(tx, limit=9, name="导入用代表")) == 1


async def test_the_cases_of_a_named_congress_stand_on_it(
    database: Database, tenant: Tenant, county: County, tmp_path: Path
) -> None:
    file, _ = invented(tmp_path)
    await run_import("cases", file, database, tenant, NOW, Options(congress="甲镇人民代表大会"))

    async with database.unit(tenant) as tx:
        assert {s.congress_id for s in await tx.exec(select(Suggestion))} == {county.congress_id}


async def test_a_dry_run_of_cases_leaves_nothing(
    database: Database, tenant: Tenant, county: County, tmp_path: Path
) -> None:
    file, _ = invented(tmp_path)
    report = await run_import("cases", file, database, tenant, NOW, Options(dry_run=True))

    async with database.unit(tenant) as tx:
        assert (await tx.exec(select(Opinion))).all() == []
        assert [u.name for u in await directory.units(tx) if "导入" in u.name] == []
    assert (report.added, report.dry_run) == (7, True)


@real
async def test_the_real_cases_are_judged_as_the_oracle_judges_them(
    database: Database, tenant: Tenant, county: County, tmp_path: Path
) -> None:
    """Every 15th case, or all of them with LIANLUO_WHOLE_FILES set."""
    with (DATA / "messages_with_replies_dev.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))[::EVERY]
    sample = a_csv(tmp_path / "sample.csv", list(rows[0]), *[list(row.values()) for row in rows])

    report = await run_import("cases", sample, database, tenant, NOW)

    said, expected = await by_product(database, tenant), by_oracle(rows, today=date(2026, 11, 25))
    print(f"product: {counted(said)}; oracle: {counted(expected)}")  # noqa: T201
    assert (report.added, report.refused) == (len(rows), ())
    assert said == expected
    assert sum(verdict.late > 0 for verdict in said.values()) > 0
