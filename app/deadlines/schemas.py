"""Bodies of clocks."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from app.deadlines.overriding import Override
from app.infra.schemas import Body, ListQuery, Out, Reason, Short


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
    paused_on: date | None
    article: str
    pack: str
    caution: str | None
    stopped_at: AwareDatetime | None
    unit_id: UUID | None
    overdue: bool
    late_days: int


class RuleOut(Out):
    """The rule the clock was started under. `cap_*`: the longest time with extensions, from the start."""

    pack: str
    article: str
    amount: int | None
    unit: str
    complex: bool
    rolls: bool
    cap_amount: int | None
    cap_unit: str | None
    approver: str | None
    extension_article: str | None
    pause_article: str | None
    reviewed_by: str | None


class DayOut(Out):
    date: date
    counted: bool
    why: str


class PauseOut(Out):
    """Whole local days [since, until) that did not run; `until` null: it still lasts."""

    since: date
    until: date | None
    reason: str
    by: str


class ExtensionOut(Out):
    """`what`: `extension`, or what another date of a promise was called. `until`: the date granted."""

    what: str
    due_before: date
    until: date
    decided_on: date
    reason: str
    by: str


class ChangeOut(Out):
    """Every act and every calendar that touched the date; `note` is one sentence. `actor`: an audit label."""

    what: str
    due_before: date
    due_after: date
    reason: str
    actor: str
    at: AwareDatetime
    note: str


class ExplanationOut(Out):
    """Every day from the start to the due date; the counted ones add up to the rule's amount.

    `calendar_version`: the working calendar in which the days were counted.
    """

    kind: str
    nature: str
    rule: RuleOut
    started_on: date
    started_at: AwareDatetime
    start_event: str
    calendar_version: str
    provisional: bool
    caution: str | None
    days: list[DayOut]
    counted: int
    pauses: list[PauseOut]
    extensions: list[ExtensionOut]
    changes: list[ChangeOut]
    last_day: date
    due_at: AwareDatetime
    due_revision: int
    sentence: str


class DeadlinesOut(Out):
    items: list[DeadlineOut]


class PauseIn(Body):
    """`on`: the first local day that does not run, or on which it runs again; default today."""

    reason: Reason
    on: date | None = None


class DayIn(Body):
    """A day its weekday does not explain: free, or a weekend day worked for it (补班)."""

    date: date
    working: bool
    name: Short


class AnnouncementIn(Body):
    """The whole year's schedule: `days`, or the `text` of a YAML or CSV file."""

    source: Short | None = None
    days: list[DayIn] = Field(default_factory=list, max_length=80)
    text: str | None = Field(default=None, max_length=20_000)


class CalendarIn(Body):
    """`state` announced needs the whole year; provisional is a draft, on which dates are 暂定."""

    state: Literal["announced", "provisional"]
    source: Short | None = None
    days: list[DayIn] = Field(max_length=80)


class CalendarDayOut(Out):
    date: date
    working: bool
    name: str


class CalendarOut(Out):
    """`version` is the calendar's, for every year; days without an entry are as their weekday says."""

    year: int
    state: str
    source: str | None
    version: int
    announced_through: date
    days: list[CalendarDayOut]


class SpanOut(Out):
    amount: int
    unit: str


class ExtensionRuleOut(Out):
    cap: SpanOut
    approver: str
    article: str


class RowOut(Out):
    """`article`: as people read it. `reviewed_by`: of the row, else of its pack."""

    kind: str
    level: str
    nature: str
    start_event: str
    limit: SpanOut | None
    complex: SpanOut | None
    roll: bool
    pause_article: str | None
    extension: ExtensionRuleOut | None
    warn_days: int | None
    ladder: str
    article: str
    note: str
    reviewed_by: str | None


class PackOut(Out):
    """`chosen`: this county's, with its own rows in place; `overrides` are those rows as entered."""

    name: str
    title: str
    version: str
    selectable: bool
    reviewed_by: str | None
    reviewed_on: date | None
    caution: str | None
    chosen: bool
    overrides: list[dict[str, Any]]
    policies: dict[str, Any]
    rows: list[RowOut]


class RulesIn(Body):
    """Rows of `overrides` name their article and who reviewed them."""

    pack: Short
    overrides: list[Override] = Field(default_factory=list, max_length=100)
