"""An alert as people read it: what is late is computed from the clock, every time."""

from datetime import datetime

from app.alerts.models import Alert
from app.alerts.schemas import AlertOut
from app.deadlines.lines import Kind, Line
from app.deadlines.models import Deadline
from app.deadlines.presenting import late_days, overdue


def shown(alert: Alert, clock: Deadline, *, title: str | None, now: datetime) -> AlertOut:
    return AlertOut(
        id=alert.id,
        subject_id=alert.root_id,
        deadline_id=clock.id,
        kind=Kind(alert.kind),
        line=Line(alert.line),
        title=title,
        unit_id=alert.unit_id,
        crossed_at=alert.crossed_at,
        noticed_at=alert.noticed_at,
        due_at=clock.due_at,
        open=clock.stopped_at is None and clock.due_revision == alert.occurrence,
        overdue=overdue(clock, now=now),
        late_days=late_days(clock, now=now),
        historic=alert.historic,
    )
