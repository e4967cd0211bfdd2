"""The state of each channel as a row that all workers read and write: open circuits are passed by."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.adapters.delivery import Outcome
from app.infra.db import sql
from app.infra.logs import log
from app.notifications import breaker
from app.notifications.breaker import PROBE, Breaker
from app.notifications.channels import Channel
from app.notifications.models import Circuit

# Of all workers that find the pause over, one tries; the others go on waiting meanwhile.
TAKE_PROBE = text("""
    UPDATE channel_circuits SET open_until = :until
     WHERE channel = :channel AND open_until <= :machine RETURNING channel""")


async def open_until(tx: AsyncSession, channel: Channel, *, machine: datetime) -> datetime | None:
    """Till when nothing is sent by this channel; None if this send may go, as a trial if need be."""
    state = _breaker(await tx.get(Circuit, channel, populate_existing=True))
    if state.is_open(machine):
        return state.open_until
    if not state.is_half_open(machine):
        return None
    facts = {"channel": channel, "machine": machine, "until": machine + PROBE}
    taken = (await sql(tx, TAKE_PROBE, facts)).first()
    return None if taken else machine + PROBE


async def open_channels(tx: AsyncSession, *, machine: datetime) -> set[str]:
    """Channels that are down at this moment."""
    rows = await tx.exec(select(Circuit))
    return {row.channel for row in rows if _breaker(row).is_open(machine)}


async def note(tx: AsyncSession, channel: Channel, outcome: Outcome, *, machine: datetime) -> Breaker:
    """Let one more outcome count. A healthy channel's row is not written at all."""
    rows = await tx.exec(select(Circuit).where(Circuit.channel == channel).with_for_update())
    row = rows.first()
    before = _breaker(row)
    state = breaker.after(before, outcome, machine)
    if state == before:
        return state
    if state.open_until and not before.open_until:
        log.error("channel closed", channel=channel, reason=state.reason)
    values = {
        "failures": state.failures,
        "open_until": state.open_until,
        "reason": state.reason,
        "changed_at": machine,
    }
    upsert = insert(Circuit).values(channel=channel, **values)
    await tx.exec(upsert.on_conflict_do_update(index_elements=["channel"], set_=values))
    return state


def _breaker(row: Circuit | None) -> Breaker:
    return Breaker(row.failures, row.open_until, row.reason) if row else Breaker()
