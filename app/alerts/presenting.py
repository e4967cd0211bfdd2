"""An alert as people read it: what is late is computed from the clock, every time."""

from datetime import datetime

from app.alerts.queries import Seen
from app.alerts.schemas import AlertOut
from app.alerts.signals import Signal
from app.deadlines.lines import Kind, Line
from app.deadlines.presenting import late_days, overdue


def line_of(name: str) -> Line | Signal:
    return Line(name) if name in set(Line) else Signal(name)


def shown(seen: Seen, *, title: str | None, now: datetime) -> AlertOut:
    alert, clock = seen.alert, seen.clock
    return AlertOut(
        id=alert.id,
        subject_id=alert.root_id or alert.subject_id,
        deadline_id=clock.id if clock else None,
        kind=Kind(alert.kind) if alert.kind else None,
        line=line_of(alert.line),
        title=title,
        unit_id=alert.unit_id,
        crossed_at=alert.crossed_at,
        noticed_at=alert.noticed_at,
        due_at=clock.due_at if clock else None,
        open=seen.open,
        overdue=overdue(clock, now=now) if clock else False,
        late_days=late_days(clock, now=now) if clock else 0,
        historic=alert.historic,
    )
