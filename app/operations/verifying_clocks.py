"""I5, I8: states and clocks agree, duties are looked at."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.deadlines import calendars
from app.deadlines.lines import Kind, Nature
from app.deadlines.models import Deadline
from app.infra.db import sql
from app.kernel.clock import end_of_day
from app.operations.findings import Finding
from app.opinions import workflow as opinion_table
from app.suggestions import state_clocks
from app.suggestions import workflow as table
from app.suggestions.states import AssignmentState, Role, State

PAGE = 1000
LATE_LOOK = timedelta(minutes=15)  # the sweep comes every ten seconds: this is a worker standing still

Opens = frozenset[Kind]

# One row for each combination of states and open clocks, with one example: there are few of them.
OPINION_CLOCKS = text("""
    SELECT state, kinds, count(*) AS many, min(id::text) AS example FROM (
        SELECT o.id, o.state, array_remove(array_agg(d.kind ORDER BY d.kind), NULL) AS kinds
          FROM opinions o LEFT JOIN deadlines d ON d.subject_id = o.id AND d.stopped_at IS NULL
         GROUP BY o.id) c GROUP BY state, kinds""")
SUGGESTION_CLOCKS = text("""
    SELECT state, kinds, count(*) AS many, min(id::text) AS example FROM (
        SELECT s.id, s.state, array_remove(array_agg(d.kind ORDER BY d.kind), NULL) AS kinds
          FROM suggestions s LEFT JOIN deadlines d ON d.subject_id = s.id AND d.stopped_at IS NULL
         GROUP BY s.id) c GROUP BY state, kinds""")
ASSIGNMENT_CLOCKS = text("""
    SELECT state, role, round, kinds, count(*) AS many, min(id::text) AS example FROM (
        SELECT a.id, a.state, a.role, least(a.round, 2) AS round,
               array_remove(array_agg(d.kind ORDER BY d.kind), NULL) AS kinds
          FROM assignments a
          LEFT JOIN deadlines d ON d.subject_id = a.id AND d.stopped_at IS NULL
         GROUP BY a.id) c GROUP BY state, role, round, kinds""")
REQUEST_CLOCKS = text("""
    SELECT r.id::text AS example FROM requests r
     WHERE r.what = 'extension' AND (r.decided_at IS NULL) <> EXISTS (
           SELECT 1 FROM deadlines d WHERE d.subject_id = r.id AND d.stopped_at IS NULL)
     LIMIT 100""")
PROMISE_CLOCKS = text("""
    SELECT c.id::text AS example
      FROM commitments c JOIN replies r ON r.id = c.reply_id JOIN assignments a ON a.id = c.assignment_id
     WHERE (c.state IN ('open', 'denied') AND r.issued_at IS NOT NULL AND a.state <> 'ended') <> EXISTS (
           SELECT 1 FROM deadlines d WHERE d.subject_id = c.id AND d.stopped_at IS NULL)
     LIMIT 100""")
STEPS_ASTRAY = text("""
    SELECT o.id::text AS example FROM opinions o
     WHERE o.state <> (SELECT entered FROM opinion_steps t WHERE t.opinion_id = o.id
                        ORDER BY t.id DESC LIMIT 1)
    UNION ALL
    SELECT a.id::text FROM assignments a
     WHERE a.state NOT IN ('ended', (SELECT entered FROM steps t WHERE t.assignment_id = a.id
                                      ORDER BY t.id DESC LIMIT 1))
     LIMIT 100""")
STANDING = text("""
    SELECT state, parts, count(*) AS many, min(id::text) AS example FROM (
        SELECT s.id, s.state, array_agg(DISTINCT a.role || ' ' || a.state) AS parts
          FROM suggestions s JOIN assignments a ON a.suggestion_id = s.id GROUP BY s.id) c
     GROUP BY state, parts""")

MIRRORED = {shown for _, shown in table.PROGRESS}


async def clocks_match_states(tx: AsyncSession, now: datetime) -> list[Finding]:
    """I5: a state has exactly the clocks of its table row; the last step entered it."""
    astray = await sql(tx, STEPS_ASTRAY)
    return [
        *await _clocks_of(tx, OPINION_CLOCKS, _opinion_fits),
        *await _clocks_of(tx, SUGGESTION_CLOCKS, _suggestion_fits),
        *await _clocks_of(tx, ASSIGNMENT_CLOCKS, _assignment_fits),
        *(Finding("I5", "延期申请与其时限不符", row.example) for row in await sql(tx, REQUEST_CLOCKS)),
        *(Finding("I5", "承诺事项与其时限不符", row.example) for row in await sql(tx, PROMISE_CLOCKS)),
        *await _mirrors(tx),
        *(Finding("I5", "状态与最后一个环节不一致", row.example) for row in astray),
    ]


async def _clocks_of(
    tx: AsyncSession, statement: TextClause, fits: Callable[[Any, Opens], bool]
) -> list[Finding]:
    rows = await sql(tx, statement)
    return [
        Finding(
            "I5", f"{row.state} 的时限不符：{'、'.join(row.kinds) or '无'}，共 {row.many} 件", row.example
        )
        for row in rows
        if len(row.kinds) != len({*row.kinds}) or not fits(row, frozenset(map(Kind, row.kinds)))
    ]


def _opinion_fits(row: Any, kinds: Opens) -> bool:
    return kinds == opinion_table.OPENS.get(opinion_table.State(row.state), frozenset())


def _suggestion_fits(row: Any, kinds: Opens) -> bool:
    state = State(row.state)
    opens = state_clocks.OPENS.get(state, frozenset())
    return opens <= kinds <= opens | state_clocks.KEEPS.get(state, frozenset())


def _assignment_fits(row: Any, kinds: Opens) -> bool:
    role, state = Role(row.role), AssignmentState(row.state)
    opens = state_clocks.opens(role, state, row.round)
    return opens <= kinds <= opens | state_clocks.keeps(role, state)


async def _mirrors(tx: AsyncSession) -> list[Finding]:
    rows = [row for row in await sql(tx, STANDING) if row.state in MIRRORED]
    return [
        Finding("I5", f"建议状态 {row.state} 与承办状态不一致，共 {row.many} 件", row.example)
        for row in rows
        if table.derive(map(_part, row.parts)) != row.state
    ]


def _part(written: str) -> tuple[Role, AssignmentState]:
    role, state = written.split(" ")
    return Role(role), AssignmentState(state)


async def duties_looked_at(tx: AsyncSession, now: datetime) -> list[Finding]:
    """I8: an open duty has a line still to come, or has crossed its last; none waits unlooked at."""
    calendar = await calendars.current(tx)
    late = (
        Deadline.nature == Nature.DUTY,
        col(Deadline.stopped_at).is_(None),
        col(Deadline.paused_on).is_(None),  # a paused clock crosses nothing till it runs again
        col(Deadline.next_line_at).is_(None) | (col(Deadline.next_line_at) < now - LATE_LOOK),
    )
    findings = []
    async for clock in paged(tx, *late):
        last = end_of_day(calendar.shift(clock.last_day, 10)) - timedelta(days=1)
        if clock.next_line_at is not None:
            findings.append(Finding("I8", "到了提醒时刻却没有处理", str(clock.id)))
        elif clock.looked_through < last:
            findings.append(Finding("I8", "没有下一个提醒时刻，也没有走完", str(clock.id)))
    return findings


async def paged(tx: AsyncSession, *where: Any) -> AsyncIterator[Deadline]:
    """Every clock that fits, by id, a thousand at a time."""
    after: UUID | None = None
    while True:
        query = select(Deadline).where(*where).order_by(col(Deadline.id)).limit(PAGE)
        page = (await tx.exec(query.where(col(Deadline.id) > after) if after else query)).all()
        for clock in page:
            yield clock
        if len(page) < PAGE:
            return
        after = page[-1].id
        tx.expunge_all()
