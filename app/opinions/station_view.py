"""What a station shows to whoever scans its code."""

from datetime import datetime

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from app.directory.models import Region
from app.infra.crypto import vault_of
from app.infra.db import sql
from app.kernel.clock import DAY, local_date, local_midnight
from app.opinions import queries
from app.opinions.rules import CATEGORY_NAMES
from app.opinions.schemas import AnswerOut, CategoryOut, DelegateOnDuty, StationView
from app.stations.models import LiaisonStation
from app.uploads.service import form_token

ANSWERS = 10

# The next fortnight's shifts; a phone only where the delegate agreed to show it.
DUTY = text("""
    SELECT d.id AS delegate_id, p.name, c.level, s.starts_at, s.ends_at,
           CASE WHEN p.phone_public THEN p.id END AS phone_of, p.phone_sealed
      FROM duty_shifts s
      JOIN delegates d ON d.id = s.delegate_id
      JOIN persons p ON p.id = d.person_id
      JOIN congresses c ON c.id = d.congress_id
     WHERE s.station_id = :station AND s.ends_at > :since AND s.starts_at < :until
     ORDER BY s.starts_at, p.name LIMIT 20""")


async def station_view(tx: AsyncSession, station: LiaisonStation, *, now: datetime) -> StationView:
    region = await tx.get_one(Region, station.region_id)
    return StationView(
        code=station.code,
        name=station.name,
        tier=station.tier,
        township=region.name,
        address=station.address,
        hours=station.hours,
        phone=station.phone,
        open=station.closed_at is None,
        delegates=await on_duty(tx, station, now=now),
        categories=[CategoryOut(code=code, name=name) for code, name in CATEGORY_NAMES.items()],
        answers=await answers(tx, station, region),
        form_token=form_token(vault_of(tx)),
    )


async def answers(tx: AsyncSession, station: LiaisonStation, region: Region) -> list[AnswerOut]:
    """What the office decided to publish in this township: no place, no names."""
    return [
        AnswerOut(
            township=region.name,
            category=row.category,
            content=row.content,
            result=row.result,
            at=row.published_at,
        )
        for row in await queries.published(tx, station.region_id, limit=ANSWERS)
    ]


async def on_duty(tx: AsyncSession, station: LiaisonStation, *, now: datetime) -> list[DelegateOnDuty]:
    """Who receives here from today on, for fourteen days."""
    since = local_midnight(local_date(now))
    facts = {"station": station.id, "since": since, "until": since + 14 * DAY}
    rows = (await sql(tx, DUTY, facts)).all()
    vault = vault_of(tx)
    return [
        DelegateOnDuty(
            delegate_id=row.delegate_id,
            name=row.name,
            level=row.level,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            phone=vault.open(row.phone_sealed, where=f"persons.phone|{row.phone_of}")
            if row.phone_of and row.phone_sealed
            else None,
        )
        for row in rows
    ]
