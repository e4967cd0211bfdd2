"""Bodies of clocks."""

from datetime import date
from uuid import UUID

from pydantic import AwareDatetime

from app.infra.schemas import ListQuery, Out


class DeadlineQuery(ListQuery):
    state: str | None = None
    overdue: bool | None = None
    unit_id: UUID | None = None
    kind: str | None = None


class DeadlineOut(Out):
    """`due_at`: exclusive end, midnight after `last_day` local time. `overdue`, `late_days` are computed."""

    id: UUID
    subject_kind: str
    subject_id: UUID
    root_id: UUID
    kind: str
    round: int
    nature: str
    started_on: date
    last_day: date
    due_at: AwareDatetime
    due_revision: int
    provisional: bool
    article: str
    pack: str
    caution: str | None
    stopped_at: AwareDatetime | None
    unit_id: UUID | None
    overdue: bool
    late_days: int


class RuleOut(Out):
    pack: str
    article: str
    amount: int | None
    unit: str


class DayOut(Out):
    date: date
    counted: bool
    why: str


class ExplanationOut(Out):
    """Every day from the start to the due date; the counted ones add up to the rule's amount."""

    kind: str
    nature: str
    rule: RuleOut
    started_at: AwareDatetime
    start_event: str
    calendar_version: str
    provisional: bool
    days: list[DayOut]
    pauses: list[dict[str, str]]
    extensions: list[dict[str, str]]
    due_at: AwareDatetime
    due_revision: int
    sentence: str


class DeadlinesOut(Out):
    items: list[DeadlineOut]
