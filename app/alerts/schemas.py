"""Bodies of alerts."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from app.alerts.light import Light
from app.alerts.signals import LONGEST_DAYS, Signal
from app.deadlines.lines import Kind, Line
from app.infra.schemas import Body, ListQuery, Out, Reason


class AlertQuery(ListQuery):
    open: bool | None = None


class AlertOut(Out):
    """`subject_id`: the opinion or suggestion. `overdue`, `late_days` are computed, never stored.

    `title` is null for opinions and for confidential matters the reader may not open. `deadline_id`,
    `due_at` are null for lines that no clock drew, `kind` where none is near.
    """

    id: UUID
    subject_id: UUID
    deadline_id: UUID | None
    kind: Kind | None
    line: Line | Signal
    title: str | None
    unit_id: UUID | None
    crossed_at: AwareDatetime
    noticed_at: AwareDatetime
    due_at: AwareDatetime | None
    open: bool
    overdue: bool
    late_days: int
    historic: bool


class UndertakingIn(Body):
    """`until`: the local day by which it will be done; at most five working days from today."""

    until: date
    reason: Reason


class UndertakingOut(Out):
    name: str
    until: date
    reason: str
    at: AwareDatetime


class LineSettingIn(Body):
    """`days`: working days, only for lines that are drawn in days."""

    enabled: bool
    days: Annotated[int, Field(ge=1, le=LONGEST_DAYS)] | None = None


class LineSettingOut(Out):
    line: Line | Signal
    enabled: bool
    days: int | None


class LineSettingsOut(Out):
    items: list[LineSettingOut]
    next_cursor: str | None = None


class BoardRowOut(Out):
    """One unit or township: how many open duties per light. `open` is their sum."""

    id: UUID
    name: str
    open: int
    lights: dict[Light, int]


class BoardOut(Out):
    items: list[BoardRowOut]
    next_cursor: str | None = None
