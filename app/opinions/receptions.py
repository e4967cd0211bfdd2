"""接待: somebody is received at a station; what they say may be left behind as an opinion."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import and_, col, false, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.accounts.permissions import Role
from app.infra import audit, outbox
from app.kernel.paging import Cursor
from app.opinions import receiving
from app.opinions.models import Source
from app.opinions.receiving import From, Words
from app.opinions.steps import staff
from app.stations import queries as stations
from app.stations.attending import own_seat
from app.stations.errors import (
    DelegatesUnknown,
    ReceptionInFuture,
    ReceptionTooLongAgo,
    StationClosed,
    StationUnknown,
)
from app.stations.events import ReceptionHeld
from app.stations.models import LiaisonStation, Reception
from app.stations.presence import CLOCK_SKEW
from app.stations.rota import RECENT
from app.stations.visibility import in_care

STAFF = (Role.STATION_KEEPER, Role.CONGRESS_OFFICE)


@dataclass(frozen=True)
class Account:
    """What is told of one reception; `client_id` names it for ever, for whoever enters it."""

    client_id: str
    received_at: datetime
    summary: str
    people: int = 1
    delegate_id: UUID | None = None
    words: Words | None = None


@dataclass(frozen=True)
class Received:
    """`receipt` of the opinion left behind: known only when it is new."""

    reception: Reception
    new: bool
    receipt: str | None = None


async def station_of(tx: AsyncSession, id: UUID, actor: Actor) -> LiaisonStation:
    """One the actor looks after, or any for a delegate who receives there. Raises StationUnknown."""
    found = await stations.station(tx, id)
    cared_for = select(LiaisonStation.id).where(LiaisonStation.id == id, in_care(actor))
    if not actor.delegate_ids and (await tx.exec(cared_for)).first() is None:
        raise StationUnknown
    return found


async def hold(
    tx: AsyncSession, station: LiaisonStation, account: Account, *, actor: Actor, now: datetime
) -> Received:
    """Record it once, however often it is sent, with the opinion left behind.

    Raises StationClosed, ReceptionInFuture, ReceptionTooLongAgo, DelegatesUnknown, SeatNotOwn.
    """
    known = await _by_client(tx, actor, account.client_id)
    if known is not None:
        return Received(known, new=False)
    await _check(tx, station, account, actor, now)
    row = _row(station, account, actor, now)
    once = insert(Reception).values(row.model_dump()).on_conflict_do_nothing()
    if (await tx.exec(once.returning(col(Reception.id)))).first() is None:
        twin = await _by_client(tx, actor, account.client_id)
        assert twin is not None  # the insert has just met it
        return Received(twin, new=False)
    kept = await tx.get_one(Reception, row.id)
    receipt = await _leave_words(tx, station, kept, account, actor, now)
    outbox.record(tx, ReceptionHeld(reception_id=kept.id, station_id=station.id), now=now)
    audit.note(tx, "reception.hold", actor=actor.label, subject_kind="reception", subject_id=kept.id, now=now)
    return Received(kept, new=True, receipt=receipt)


async def _leave_words(
    tx: AsyncSession, station: LiaisonStation, kept: Reception, account: Account, actor: Actor, now: datetime
) -> str | None:
    if account.words is None:
        return None
    came = From(Source.WALK_IN, actor.label, name=actor.label)
    received = await receiving.receive(tx, station, account.words, came, staff(actor, now))
    kept.opinion_id = received.opinion.id
    tx.add(kept)
    return received.receipt


async def _check(
    tx: AsyncSession, station: LiaisonStation, account: Account, actor: Actor, now: datetime
) -> None:
    if station.closed_at and account.received_at > station.closed_at:
        raise StationClosed
    if account.received_at - now > CLOCK_SKEW:
        raise ReceptionInFuture
    if now - account.received_at > RECENT:
        raise ReceptionTooLongAgo
    if account.delegate_id and not await stations.sitting(tx, [account.delegate_id]):
        raise DelegatesUnknown("delegate_id")


def receiving_seat(actor: Actor, delegate_id: UUID | None) -> UUID | None:
    """A delegate receives from a seat of his own; a keeper or an office names who received, or nobody."""
    if actor.delegate_ids and not actor.holding(*STAFF):
        return own_seat(actor, delegate_id)
    return delegate_id


def _row(station: LiaisonStation, account: Account, actor: Actor, now: datetime) -> Reception:
    return Reception(
        client_id=account.client_id,
        station_id=station.id,
        delegate_id=account.delegate_id,
        received_at=account.received_at,
        people=account.people,
        summary=account.summary,
        entered_by=actor.id,
        entered_at=now,
    )


async def _by_client(tx: AsyncSession, actor: Actor, client_id: str) -> Reception | None:
    asked = select(Reception).where(Reception.entered_by == actor.id, Reception.client_id == client_id)
    return (await tx.exec(asked)).first()


async def listed(
    tx: AsyncSession, station: LiaisonStation, actor: Actor, *, after: Cursor | None, limit: int
) -> Sequence[Reception]:
    """Latest first: all for who looks after the station, a delegate's own for the delegate."""
    own = col(Reception.delegate_id).in_(actor.delegate_ids) if actor.delegate_ids else false()
    query = (
        select(Reception)
        .join(LiaisonStation, col(LiaisonStation.id) == col(Reception.station_id))
        .where(Reception.station_id == station.id, or_(own, in_care(actor)))
    )
    if after:
        earlier = col(Reception.received_at) < after.at
        same = and_(col(Reception.received_at) == after.at, col(Reception.id) < after.id)
        query = query.where(or_(earlier, same))
    order = (col(Reception.received_at).desc(), col(Reception.id).desc())
    return (await tx.exec(query.order_by(*order).limit(limit))).all()
