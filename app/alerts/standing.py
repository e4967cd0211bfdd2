"""Does an alert still stand? One predicate for lists, trails and the moment of sending."""

from sqlalchemy import ColumnElement, and_, case, exists, not_
from sqlmodel import col, select

from app.alerts.models import Acknowledgement, Alert, AlertSubject
from app.alerts.signals import Signal
from app.deadlines.models import CalendarYear, Deadline
from app.suggestions.models import Assignment, Step
from app.suggestions.reply_models import Commitment, CommitmentState
from app.suggestions.states import AssignmentState

OPEN_ASSIGNMENT = (
    AssignmentState.PENDING,
    AssignmentState.ACCEPTED,
    AssignmentState.RETURN_REQUESTED,
    AssignmentState.HANDLING,
    AssignmentState.REPLY_DRAFTED,
)
PROMISE_OPEN = (CommitmentState.OPEN, CommitmentState.REPORTED)


def standing() -> ColumnElement[bool]:
    """Of `alerts` left-joined with `deadlines` on the subject. What no fact ends, an acknowledgement does."""
    return case(
        (col(Alert.subject_kind) == AlertSubject.DEADLINE, _clock_runs()),
        (col(Alert.line).in_((Signal.STALLED, Signal.URGED)), _unit_owes_an_act()),
        (col(Alert.line) == Signal.SLIPPED, _promise_open()),
        (col(Alert.line) == Signal.CALENDAR, not_(_year_announced())),
        else_=not_(_acknowledged()),
    )


def _clock_runs() -> ColumnElement[bool]:
    """To the same date as when the line was crossed."""
    return and_(col(Deadline.stopped_at).is_(None), col(Deadline.due_revision) == col(Alert.occurrence))


def _unit_owes_an_act() -> ColumnElement[bool]:
    """The unit has an open assignment in this file on which nobody has acted since the line.

    Two subqueries deep, SQLAlchemy would compare with every alert there is; `correlate` means this one.
    """
    acted = select(Step.id).where(Step.assignment_id == Assignment.id, Step.at > Alert.crossed_at)
    return exists(
        select(Assignment.id).where(
            Assignment.suggestion_id == Alert.root_id,
            Assignment.unit_id == Alert.unit_id,
            col(Assignment.state).in_(OPEN_ASSIGNMENT),
            not_(exists(acted.correlate(Assignment, Alert))),
        )
    )


def _promise_open() -> ColumnElement[bool]:
    return exists(
        select(Commitment.id).where(
            Commitment.id == Alert.subject_id, col(Commitment.state).in_(PROMISE_OPEN)
        )
    )


def _year_announced() -> ColumnElement[bool]:
    return exists(
        select(CalendarYear.year).where(
            CalendarYear.year == Alert.occurrence, CalendarYear.state == "announced"
        )
    )


def _acknowledged() -> ColumnElement[bool]:
    return exists(select(Acknowledgement.alert_id).where(Acknowledgement.alert_id == Alert.id))
