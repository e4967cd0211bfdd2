"""A clock of a unit, started without the suggestion around it."""

from datetime import date
from uuid import uuid4

from sqlmodel.ext.asyncio.session import AsyncSession

from app.deadlines import service
from app.deadlines.lines import Kind
from app.deadlines.models import Deadline, SubjectKind
from app.deadlines.packs import Level
from app.deadlines.service import Start, Subject
from tests.conftest import NOW
from tests.people import County

WEDNESDAY = date(2026, 11, 25)


async def a_clock(
    tx: AsyncSession, county: County, kind: Kind = Kind.ACCEPTANCE, *, historic: bool = False
) -> Deadline:
    """签收: three working days from Wednesday 25 November 2026, so its last day is Monday the 30th."""
    subject = Subject(
        kind=SubjectKind.ASSIGNMENT,
        id=uuid4(),
        root_id=uuid4(),
        region_id=county.town_id,
        level=Level.TOWNSHIP,
        unit_id=county.unit_id,
    )
    return await service.start(tx, kind, subject, Start(on=WEDNESDAY, now=NOW, historic=historic))
