"""Who is away, and who hears in their place (请假、替岗)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import aliased
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.models import Account, Membership
from app.accounts.permissions import Role
from app.infra.db import sql
from app.kernel.paging import Cursor
from app.notifications.models import StandIn

LONGEST_CHAIN = 3  # whose stand-in is away too, and so on

# The newest absence of each person decides, if the day lies in it.
AWAY = text("""
    SELECT account_id, stand_in_id FROM (
        SELECT DISTINCT ON (account_id) account_id, stand_in_id, away_from, away_until
          FROM absences WHERE account_id = ANY(:accounts) ORDER BY account_id, id DESC) newest
     WHERE :day BETWEEN away_from AND away_until""")
# A stand-in must hold a post in one of the scopes of the person who is away: else they may not read it.
SHARE = text("""
    SELECT EXISTS (
        SELECT FROM memberships a JOIN memberships b USING (scope_id)
          JOIN accounts c ON c.id = b.account_id
         WHERE a.account_id = :one AND b.account_id = :other AND c.disabled_at IS NULL
           AND a.role <> 'delegate' AND b.role <> 'delegate')""")


@dataclass(frozen=True)
class Hearer:
    """`rings`: may the phone ring too. `stands_in_for`: the person who is away."""

    account_id: UUID
    rings: bool
    stands_in_for: UUID | None = None


async def present(tx: AsyncSession, heard: Mapping[UUID, bool], *, on: date) -> list[Hearer]:
    """Those meant, and for each who is away on this local day the stand-in; the one away has the inbox."""
    away = await _away(tx, list(heard), on)
    hearers = {id: Hearer(id, rings and id not in away) for id, rings in heard.items()}
    for id in away:
        stand_in = await _found(tx, id, away[id], on=on)
        if stand_in is None:
            hearers[id] = Hearer(id, heard[id])  # nobody hears in their place: better on holiday than never
        elif not hearers.get(stand_in, Hearer(stand_in, rings=False)).rings:
            hearers[stand_in] = Hearer(stand_in, heard[id], stands_in_for=id)
    return list(hearers.values())


async def _found(tx: AsyncSession, away: UUID, named: UUID | None, *, on: date) -> UUID | None:
    """The first along the chain who is there and may read the matter."""
    at, seen = away, {away}
    for _ in range(LONGEST_CHAIN):
        named = named or await standing_stand_in(tx, at, on=on)
        if named is None or named in seen or not await share_a_scope(tx, away, named):
            return None
        also_away = await _away(tx, [named], on)
        if named not in also_away:
            return named
        seen.add(named)
        at, named = named, also_away[named]
    return None


async def _away(tx: AsyncSession, accounts: Collection[UUID], on: date) -> dict[UUID, UUID | None]:
    """Who of these is away → whom they named, if anybody."""
    rows = await sql(tx, AWAY, {"accounts": list(accounts), "day": on})
    return {row.account_id: row.stand_in_id for row in rows}


async def standing_stand_in(tx: AsyncSession, account: UUID, *, on: date) -> UUID | None:
    """The office's standing arrangement for this person, newest first."""
    rows = await tx.exec(
        select(StandIn.stand_in_id)
        .where(StandIn.account_id == account, col(StandIn.valid_from) <= on)
        .where(or_(col(StandIn.valid_until).is_(None), col(StandIn.valid_until) >= on))
        .order_by(col(StandIn.id).desc())
        .limit(1)
    )
    return rows.first()


async def share_a_scope(tx: AsyncSession, one: UUID, other: UUID) -> bool:
    """Do both hold an office (not a seat) in the same unit, township or county?"""
    return bool((await sql(tx, SHARE, {"one": one, "other": other})).scalar_one())


async def of_colleagues(
    tx: AsyncSession, account: UUID, *, on: date, after: Cursor | None, limit: int
) -> Sequence[tuple[StandIn, str, str]]:
    """In force or to come, for people of this account's offices, with both names, newest first."""
    other = aliased(Account)
    scopes = select(Membership.scope_id).where(
        Membership.account_id == account, Membership.role != Role.DELEGATE
    )
    people = select(Membership.account_id).where(col(Membership.scope_id).in_(scopes))
    query = (
        select(StandIn, Account.name, other.name)
        .join(Account, col(Account.id) == col(StandIn.account_id))
        .join(other, col(other.id) == col(StandIn.stand_in_id))
        .where(or_(col(StandIn.account_id).in_(people), col(StandIn.account_id) == account))
        .where(or_(col(StandIn.valid_until).is_(None), col(StandIn.valid_until) >= on))
    )
    if after:
        query = query.where(col(StandIn.id) < after.id)
    return (await tx.exec(query.order_by(col(StandIn.id).desc()).limit(limit))).all()
