"""Lines that no clock draws become facts like the others: once for each occurrence, in the detecting unit."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.alerts.events import AlertRaised
from app.alerts.models import Alert, AlertSubject
from app.alerts.signals import Signal
from app.deadlines.lines import Kind
from app.infra import outbox
from app.kernel.clock import machine_now
from app.kernel.ids import new_id


@dataclass(frozen=True)
class Found:
    """`at`: the line's own instant, not that of the look. `historic`: from before the data came here."""

    line: Signal
    subject_kind: AlertSubject
    subject_id: UUID
    occurrence: int
    at: datetime
    region_id: UUID
    unit_id: UUID | None = None
    root_id: UUID | None = None
    kind: Kind | None = None
    historic: bool = False


async def raise_alert(tx: AsyncSession, found: Found, *, now: datetime) -> UUID | None:
    """The new alert's id; None if this occurrence is known already."""
    row = insert(Alert).values(
        id=new_id(),
        subject_kind=found.subject_kind,
        subject_id=found.subject_id,
        line=found.line,
        occurrence=found.occurrence,
        kind=found.kind,
        root_id=found.root_id,
        region_id=found.region_id,
        unit_id=found.unit_id,
        recipients=[],
        crossed_at=found.at,
        noticed_at=now,
        written_at=machine_now(),
        historic=found.historic,
    )
    new = (await tx.exec(row.on_conflict_do_nothing().returning(col(Alert.id)))).first()
    if new is None:
        return None
    event = AlertRaised(alert_id=new[0], line=found.line)
    outbox.record(tx, event, now=now, history=found.historic)
    return UUID(str(new[0]))
