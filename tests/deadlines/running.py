"""Clocks started for tests, and what their explanation must always be true to."""

from datetime import UTC, date, datetime, time
from uuid import UUID, uuid4

from sqlmodel.ext.asyncio.session import AsyncSession

from app.deadlines import calendars, queries, service
from app.deadlines.lines import Kind
from app.deadlines.models import Deadline, DeadlineChange, SubjectKind
from app.deadlines.overriding import Override
from app.deadlines.packs import Level
from app.deadlines.presenting import explained
from app.deadlines.schemas import ExplanationOut
from app.deadlines.service import Start, Subject
from tests.people import County

PAUSING = Override.model_validate(
    {
        "kind": "first_contact",
        "pause_article": "《某条例》第九条",
        "article": "《某条例》第八条",
        "reviewed_by": "某法制委",
    }
)


def at(day: date, hour: int = 2) -> datetime:
    """Ten in the morning of that day in Shanghai, unless another hour (UTC) is given."""
    return datetime.combine(day, time(hour), UTC)


def subject(county: County) -> Subject:
    return Subject(SubjectKind.ASSIGNMENT, uuid4(), uuid4(), county.town_id, Level.TOWNSHIP, county.unit_id)


async def a_clock(
    tx: AsyncSession,
    county: County,
    kind: Kind = Kind.REPLY,
    *,
    on: date,
    complex: bool = False,
    ends_on: date | None = None,
) -> Deadline:
    """A clock of a unit that runs from the local day `on`, entered that morning."""
    start = Start(on=on, now=at(on), complex=complex, ends_on=ends_on)
    return await service.start(tx, kind, subject(county), start)


async def changes(tx: AsyncSession, clock: Deadline) -> list[DeadlineChange]:
    return list(await queries.changes_of(tx, clock.id))


async def explanation(tx: AsyncSession, clock: Deadline) -> ExplanationOut:
    """The clock's explanation, which must end on the due date that the row holds."""
    await tx.flush()
    calendar = await calendars.named(tx, clock.calendar_version)
    told = explained(clock, await changes(tx, clock), calendar)
    assert (told.last_day, told.due_at) == (clock.last_day, clock.due_at)
    assert told.days[-1].date == clock.last_day
    return told


async def open_clock(tx: AsyncSession, id: UUID) -> Deadline:
    found = await tx.get(Deadline, id)
    assert found is not None
    return found
