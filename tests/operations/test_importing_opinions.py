"""Messages become opinions at their own times, once, and nobody is told of what is past."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import text
from sqlmodel import col, select

from app.alerts.models import Alert
from app.alerts.service import look
from app.deadlines import calendars
from app.deadlines.models import Deadline
from app.infra.db import Database, sql
from app.infra.outbox import OutboxRow
from app.infra.records import Layout
from app.infra.sheets import rows_of
from app.infra.tenants import Tenant
from app.operations.importing import run_import
from app.operations.importing_ground import RegionUnknown
from app.operations.importing_rows import BATCH, ImportRunning, Options
from app.opinions.models import Opinion
from app.opinions.sheet import read_opinions
from tests.conftest import NOW
from tests.operations.files import DATA, OPINION, a_csv, real
from tests.people import County

# The whole file takes a minute and more; LIANLUO_WHOLE_FILES=1 takes it.
EVERY = 1 if os.environ.get("LIANLUO_WHOLE_FILES") else 10

ROWS = (
    (7, "U1", "路灯", "2018/11/5 9:07:23", "村口的路灯不亮。", "交通运输"),
    (8, "U2", "", "2026-11-24 08:00:00", "水渠堵了。", ""),
    (9, "U3", "", "2099-01-01", "来自未来。", ""),
    (10, "U4", "", "", "没有时间。", ""),
)


class Watched:
    """Keeps what a progress bar would show."""

    def __init__(self) -> None:
        self.layout: Layout | None = None
        self.steps: list[int] = []

    def previewed(self, layout: Layout, rows: int) -> None:
        assert self.steps == []
        self.layout, self.rows = layout, rows

    def advanced(self, rows: int) -> None:
        self.steps.append(rows)


async def test_messages_come_in_at_their_own_time_and_once(
    database: Database, tenant: Tenant, county: County, tmp_path: Path
) -> None:
    file = a_csv(tmp_path / "a.csv", OPINION, *ROWS)
    options = Options(region="990001100", source="县长信箱")
    first = await run_import("opinions", file, database, tenant, NOW, options)
    second = await run_import("opinions", file, database, tenant, NOW, options)

    assert (first.good, first.added) == (2, 2)
    assert [(row.number, row.field) for row in first.refused] == [(4, "received_at"), (5, "received_at")]
    assert (second.added, second.known) == (0, 2)
    async with database.unit(tenant) as tx:
        one, two = (await tx.exec(select(Opinion).order_by(Opinion.external_id))).all()
    assert (one.content, one.category, one.region_id) == ("路灯\n村口的路灯不亮。", "roads", county.town_id)
    assert (one.created_at, one.source, one.source_name) == (
        datetime(2018, 11, 5, 1, 7, 23, tzinfo=UTC),
        "import",
        "县长信箱",
    )
    assert (two.state, two.category) == ("received", None)


async def test_lines_already_past_are_history_and_those_to_come_are_told(
    database: Database, tenant: Tenant, county: County, tmp_path: Path
) -> None:
    file = a_csv(tmp_path / "a.csv", OPINION, *ROWS)
    await run_import("opinions", file, database, tenant, NOW)

    async with database.unit(tenant) as tx:
        assert {row.relayed for row in await tx.exec(select(OutboxRow))} == {True}
        assert {alert.historic for alert in await tx.exec(select(Alert))} == {True}
        clocks = (await tx.exec(select(Deadline).order_by(col(Deadline.started_on)))).all()
        assert [clock.next_line for clock in clocks] == [None, "due_soon"]
        calendar = await calendars.current(tx)
        assert await look(tx, clocks[0], calendar, now=NOW) == 0
        assert await look(tx, clocks[1], calendar, now=datetime(2026, 11, 27, 2, tzinfo=UTC)) == 2
        told = await tx.exec(select(OutboxRow.name).where(OutboxRow.relayed == False))  # noqa: E712
        assert told.all() == ["deadline.line_crossed"] * 2


async def test_every_row_is_reported_only_after_the_preview_and_in_batches(
    database: Database, tenant: Tenant, county: County, tmp_path: Path
) -> None:
    many = [(n, "", "", "2026-11-24 08:00:00", f"第{n}件", "") for n in range(BATCH + 3)]
    watched = Watched()

    await run_import(
        "opinions", a_csv(tmp_path / "a.csv", OPINION, *many), database, tenant, NOW, progress=watched
    )

    assert watched.layout is not None
    assert [taken.field for taken in watched.layout.taken][:3] == ["external_id", "author", "title"]
    assert (watched.rows, sum(watched.steps)) == (BATCH + 3, BATCH + 3)
    assert max(watched.steps) <= BATCH


async def test_a_batch_that_fails_leaves_those_before_it_and_the_next_run_goes_on(
    database: Database, tenant: Tenant, county: County, tmp_path: Path
) -> None:
    many = [(n, "", "", "2026-11-24 08:00:00", f"第{n}件", "") for n in range(BATCH + 3)]
    file = a_csv(tmp_path / "a.csv", OPINION, *many)

    class Falling(Watched):
        def advanced(self, rows: int) -> None:
            super().advanced(rows)
            raise OSError("the machine dies")

    falling = Falling()
    with pytest.raises(OSError, match="dies"):
        await run_import("opinions", file, database, tenant, NOW, progress=falling)
    report = await run_import("opinions", file, database, tenant, NOW)

    assert falling.steps == [report.known]
    assert report.known + report.added == BATCH + 3


async def test_a_second_import_at_the_same_time_is_refused(
    database: Database, tenant: Tenant, county: County, tmp_path: Path
) -> None:
    file = a_csv(tmp_path / "a.csv", OPINION, *ROWS)
    lock = text("SELECT pg_advisory_xact_lock(hashtext(current_schema()), hashtext('import'))")
    async with database.unit(tenant) as tx:
        await sql(tx, lock)
        with pytest.raises(ImportRunning):
            await run_import("opinions", file, database, tenant, NOW)
    assert (await run_import("opinions", file, database, tenant, NOW)).added == 2


async def test_a_region_nobody_knows_stops_the_import(
    database: Database, tenant: Tenant, county: County, tmp_path: Path
) -> None:
    with pytest.raises(RegionUnknown):
        await run_import(
            "opinions",
            a_csv(tmp_path / "a.csv", OPINION, *ROWS),
            database,
            tenant,
            NOW,
            Options(region="000000"),
        )


def sampled(file: Path, into: Path) -> tuple[Path, int]:
    """The headings and every tenth message as delivered, or all with LIANLUO_WHOLE_FILES set; how many."""
    rows = load_workbook(file, read_only=True).worksheets[0].iter_rows(values_only=True)
    book = Workbook()
    sheet = book.worksheets[0]
    for place, row in enumerate(rows):
        if place == 0 or place % EVERY == 0:
            sheet.append(row)
    book.save(into)
    return into, sheet.max_row - 1


@real
def test_the_real_messages_are_all_read() -> None:
    """All 2,801: times in date cells and in strings, texts of thousands of characters."""
    file = DATA / "raw_messages_2801.xlsx"
    with file.open("rb") as opened:
        reading = read_opinions(rows_of(opened), now=NOW)

    assert (len(reading.rows), reading.refused) == (2801, ())
    times = [row.received_at for row in reading.rows]
    assert datetime(2010, 1, 1, tzinfo=UTC) < min(times) < max(times) < datetime(2021, 1, 1, tzinfo=UTC)


@real
async def test_the_real_messages_come_in_once(
    database: Database, tenant: Tenant, county: County, tmp_path: Path
) -> None:
    file, delivered = sampled(DATA / "raw_messages_2801.xlsx", tmp_path / "sample.xlsx")

    first = await run_import("opinions", file, database, tenant, NOW)
    second = await run_import("opinions", file, database, tenant, NOW)

    assert (first.good, first.added, first.refused) == (delivered, delivered, ())
    assert (second.added, second.known) == (0, delivered)
    async with database.unit(tenant) as tx:
        counted = (await sql(tx, text("SELECT count(*) AS n FROM opinions"))).one()
    assert counted.n == delivered
    print(f"messages: {delivered} in the file, {first.added} in, {second.added} by a second run")  # noqa: T201
