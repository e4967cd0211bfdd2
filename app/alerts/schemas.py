"""Bodies of alerts."""

from uuid import UUID

from pydantic import AwareDatetime

from app.deadlines.lines import Kind, Line
from app.infra.schemas import ListQuery, Out


class AlertQuery(ListQuery):
    open: bool | None = None


class AlertOut(Out):
    """`subject_id`: the opinion or suggestion. `overdue`, `late_days` are computed, never stored.

    `title` is null for opinions and for confidential matters the reader may not open.
    """

    id: UUID
    subject_id: UUID
    deadline_id: UUID
    kind: Kind
    line: Line
    title: str | None
    unit_id: UUID | None
    crossed_at: AwareDatetime
    noticed_at: AwareDatetime
    due_at: AwareDatetime
    open: bool
    overdue: bool
    late_days: int
    historic: bool
