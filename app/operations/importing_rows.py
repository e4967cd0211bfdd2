"""Rows of a file become rows of ours: each its own savepoint, in batches, refused ones by name."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from app.infra.audit import alone
from app.infra.db import Database
from app.infra.jobs import savepoint
from app.infra.logs import log
from app.infra.records import Duplicate, Layout, Numbered, Reading, RefusedRow, Variant
from app.infra.sheets import SheetRow
from app.infra.tenants import Tenant
from app.kernel.clock import machine_now
from app.kernel.errors import Conflict, DomainError

BATCH = 50
LONGEST = timedelta(seconds=1)


class Kind(StrEnum):
    ROSTER = "roster"
    STATIONS = "stations"
    OPINIONS = "opinions"
    CASES = "cases"


class ImportRunning(Conflict):
    code = "import-running"

    def __init__(self) -> None:
        super().__init__("另一个导入正在进行，请等它结束后再导入这个文件")


@dataclass(frozen=True)
class Options:
    """`congress`: name or region code (roster, cases). `term`: holds for every row of a roster; in a ledger
    for rows that name none.

    `region`: official code of the place the messages came from (default: the county). `source`: the
    name under which external ids are unique (default: the kind). `dry_run` writes nothing. `add_delegates`,
    `add_units`: whom a ledger names and the directory does not know is entered, not refused.
    """

    congress: str | None = None
    term: int | None = None
    region: str | None = None
    source: str | None = None
    dry_run: bool = False
    add_delegates: bool = False
    add_units: bool = False


@dataclass(frozen=True)
class ImportReport:
    """`good` rows are `added` or `known`; all others are `refused`, `blank` or left-out duplicates."""

    kind: Kind
    dry_run: bool
    layout: Layout
    good: int
    added: int
    known: int
    refused: tuple[RefusedRow, ...]
    variants: tuple[Variant, ...]
    blank: int
    duplicates: tuple[Duplicate, ...]


class Progress(Protocol):
    """Who watches an import."""

    def previewed(self, layout: Layout, rows: int) -> None:
        """The file is read and nothing written: which column is taken for what."""

    def advanced(self, rows: int) -> None:
        """So many more rows are committed (or, in a dry run, tried)."""


class Unwatched:
    """The progress nobody looks at."""

    def previewed(self, layout: Layout, rows: int) -> None: ...

    def advanced(self, rows: int) -> None: ...


Row = TypeVar("Row", bound=Numbered)
Ground = TypeVar("Ground")


async def _nothing_more(_tx: AsyncSession, _ground: object) -> None: ...


@dataclass(frozen=True)
class Plan(Generic[Row, Ground]):
    """How one kind is imported.

    `read` blocks: worker thread. `ground` finds or makes, anew in each transaction, what the rows of
    its batch stand on. `put` enters one row: True if it is new, False if it was here; refuses by
    DomainError. `finish` does what is done once for a whole batch, in its transaction.
    """

    read: Callable[[Iterator[SheetRow]], Reading[Row]]
    ground: Callable[[AsyncSession, Sequence[Row]], Awaitable[Ground]]
    put: Callable[[AsyncSession, Ground, Row], Awaitable[bool]]
    finish: Callable[[AsyncSession, Ground], Awaitable[None]] = field(default=_nothing_more)


@dataclass
class Tally:
    """What has become of the rows so far."""

    added: int = 0
    known: int = 0

    def count(self, new: bool) -> None:
        self.added += new
        self.known += not new


class _Undo(Exception):
    """Ends a dry run's transaction without a trace."""


@asynccontextmanager
async def _batch(database: Database, tenant: Tenant, *, dry_run: bool) -> AsyncIterator[AsyncSession]:
    with suppress(_Undo):
        async with database.unit(tenant) as tx:
            if not await alone(tx, "import"):
                raise ImportRunning
            yield tx
            if dry_run:
                raise _Undo


async def put_rows(
    plan: Plan[Row, Ground],
    rows: Sequence[Row],
    *,
    database: Database,
    tenant: Tenant,
    dry_run: bool,
    progress: Progress,
) -> tuple[Tally, list[RefusedRow]]:
    """Enter the rows, a batch a transaction; one is reported as done only after its commit."""
    tally, refused, done = Tally(), [], 0
    while batch := rows[done : done + BATCH]:
        async with _batch(database, tenant, dry_run=dry_run) as tx:
            ground = await plan.ground(tx, batch)
            entered = await _enter_some(plan, tx, ground, batch)
            await plan.finish(tx, ground)
        for result in entered:
            if isinstance(result, RefusedRow):
                refused.append(result)
            else:
                tally.count(result)
        done += len(entered)
        progress.advanced(len(entered))
    return tally, refused


async def _enter_some(
    plan: Plan[Row, Ground], tx: AsyncSession, ground: Ground, rows: Sequence[Row]
) -> list[bool | RefusedRow]:
    """As many as a second allows, at least one: a long transaction holds everybody's events back."""
    entered: list[bool | RefusedRow] = []
    began = machine_now()
    for row in rows:
        entered.append(await _enter(plan, tx, ground, row))
        if machine_now() - began > LONGEST:
            break
    return entered


async def _enter(plan: Plan[Row, Ground], tx: AsyncSession, ground: Ground, row: Row) -> bool | RefusedRow:
    """One row in a savepoint of its own: its refusal undoes the row, not the batch."""
    try:
        async with savepoint(tx):
            return await plan.put(tx, ground, row)
    except DomainError as refusal:
        return RefusedRow(row.number, str(refusal.facts.get("field", "")), refusal.detail)
    except IntegrityError as error:
        log.warning("import row refused by the database", row=row.number, error=type(error.orig).__name__)
        return RefusedRow(row.number, "", "与已有的数据相冲突，请核对后再导入")
