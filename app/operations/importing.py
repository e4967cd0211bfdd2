"""`import roster|stations|opinions|cases FILE`: preview, then rows; repeatable, refused rows by name.

A second run of the same file adds nothing: a seat is known by phone, district or group, a station by
township and name, a message by (source, external id), a suggestion by number or by what it says.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from sqlmodel.ext.asyncio.session import AsyncSession

from app.infra.db import Database
from app.infra.records import Reading
from app.infra.sheets import HEAD, SheetUnreadable, rows_of
from app.infra.tenants import Tenant
from app.operations import (
    importing_cases,
    importing_ledger,
    importing_opinions,
    importing_roster,
    importing_stations,
)
from app.operations.importing_rows import (
    ImportReport,
    Kind,
    Options,
    Plan,
    Progress,
    Tally,
    Unwatched,
    put_rows,
)
from app.operations.ledger_columns import is_ledger

Planner = Callable[[AsyncSession, Options, datetime], Awaitable[Plan[Any, Any]]]
PLANNERS: Mapping[Kind, Planner] = {
    Kind.ROSTER: importing_roster.plan,
    Kind.STATIONS: importing_stations.plan,
    Kind.OPINIONS: importing_opinions.plan,
    Kind.CASES: importing_cases.plan,
}


async def run_import(
    kind: Kind | str,
    path: Path,
    database: Database,
    tenant: Tenant,
    now: datetime,
    options: Options | None = None,
    progress: Progress | None = None,
) -> ImportReport:
    """Import one file. `now`: business time of the import; facts keep their own, historic times.

    Raises SheetUnreadable or SheetTooLarge for the file, CongressUnknown and the like for an option:
    then nothing was written.
    """
    kind, options, progress = Kind(kind), options or Options(), progress or Unwatched()
    planner = await asyncio.to_thread(_planner, kind, path)
    async with database.unit(tenant, write=False) as tx:
        plan = await planner(tx, options, now)
    reading = await asyncio.to_thread(_read, path, plan)
    progress.previewed(reading.layout, len(reading.rows))
    tally, refused = await put_rows(
        plan,
        reading.rows,
        database=database,
        tenant=tenant,
        dry_run=options.dry_run,
        progress=progress,
    )
    everything = sorted((*reading.refused, *refused), key=lambda row: row.number)
    return _report(kind, options, replace(reading, refused=tuple(everything)), tally)


def _planner(kind: Kind, path: Path) -> Planner:
    """Past cases come as residents' messages with their replies, or as an office's ledger of suggestions:
    the headings tell."""
    if kind is not Kind.CASES:
        return PLANNERS[kind]
    with _opened(path) as file:
        head = list(islice(rows_of(file), HEAD))
    return importing_ledger.plan if is_ledger(head) else PLANNERS[kind]


def _read(path: Path, plan: Plan[Any, Any]) -> Reading[Any]:
    with _opened(path) as file:
        return plan.read(rows_of(file))


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise SheetUnreadable(f"打不开文件 {path.name}，请检查路径和权限") from error


def _report(kind: Kind, options: Options, reading: Reading[Any], tally: Tally) -> ImportReport:
    return ImportReport(
        kind=kind,
        dry_run=options.dry_run,
        layout=reading.layout,
        good=tally.added + tally.known,
        added=tally.added,
        known=tally.known,
        refused=reading.refused,
        variants=reading.variants,
        blank=reading.blank_rows,
        duplicates=reading.duplicates,
    )
