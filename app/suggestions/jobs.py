"""What happens to suggestions because time has passed."""

from datetime import datetime, timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.deadlines import calendars
from app.deadlines import service as clocks
from app.deadlines.lines import Kind
from app.deadlines.models import Deadline
from app.infra.jobs import job
from app.kernel.clock import local_date
from app.suggestions import evaluating
from app.suggestions.models import Assignment, Suggestion
from app.suggestions.states import AssignmentState

BATCH = 100
AFTER_REMINDER = 5  # working days a reminded delegate has (practice)


@job("suggestions.lapse_evaluations", cron="30 * * * * *")
async def lapse_evaluations(tx: AsyncSession, now: datetime) -> int:
    """Remind the silent delegate once; then note the silence (重庆 §29: left out of the statistics)."""
    done = await _remind(tx, now)
    return done + await _lapse(tx, now)


async def _remind(tx: AsyncSession, now: datetime) -> int:
    rules = (await clocks.pack(tx)).policies
    due = await _silent(tx, now, Assignment.reminded_on == None)  # noqa: E711
    for suggestion, assignment in due:
        reminded = rules.evaluation_reminders == 0
        await evaluating.lapse(tx, suggestion, assignment, now=now, reminded=reminded)
    return len(due)


async def _lapse(tx: AsyncSession, now: datetime) -> int:
    calendar = await calendars.current(tx)
    latest = calendar.shift(local_date(now), -AFTER_REMINDER) - timedelta(days=1)
    due = await _silent(tx, now, col(Assignment.reminded_on) <= latest)
    for suggestion, assignment in due:
        await evaluating.lapse(tx, suggestion, assignment, now=now, reminded=True)
    return len(due)


async def _silent(tx: AsyncSession, now: datetime, *where: object) -> list[tuple[Suggestion, Assignment]]:
    """Replies whose window has passed, their suggestions locked first; what others hold is left.

    Locked too, an assignment judged a moment ago is read as it is now, and no longer fits.
    """
    rows = await tx.exec(
        select(Suggestion, Assignment)
        .join(Assignment, col(Assignment.suggestion_id) == col(Suggestion.id))
        .join(Deadline, col(Deadline.subject_id) == col(Assignment.id))
        .where(
            Assignment.state == AssignmentState.REPLIED,
            Deadline.kind == Kind.EVALUATION,
            col(Deadline.stopped_at).is_(None),
            col(Deadline.due_at) <= now,
            *where,  # type: ignore[arg-type]
        )
        .order_by(col(Suggestion.id))
        .limit(BATCH)
        .with_for_update(of=[Suggestion, Assignment], skip_locked=True)
    )
    return [(suggestion, assignment) for suggestion, assignment in rows]
