"""A person's own settings: ways, quiet time, absence, stand-ins."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.accounts.models import Account
from app.infra import audit
from app.infra.crypto import vault_of
from app.kernel.clock import DAY, local_date, machine_now
from app.notifications import queries, reaching
from app.notifications.channels import Channel
from app.notifications.errors import AbsenceInvalid, AccountOutOfReach, StandInUnsuitable
from app.notifications.models import Absence, Address, Preference, StandIn
from app.notifications.reaching import address_place
from app.notifications.schemas import AbsenceIn, PreferencesIn, PreferencesOut, StandInIn
from app.notifications.standing_in import share_a_scope

LONGEST_ABSENCE = 366 * DAY


async def preferences(tx: AsyncSession, actor: Actor) -> PreferencesOut:
    chosen = await tx.get(Preference, actor.id)
    wishes = (await reaching.wishes(tx, [actor.id], await queries.routing(tx)))[actor.id]
    return PreferencesOut(
        channels=[Channel(name) for name in chosen.channels]
        if chosen and chosen.channels is not None
        else None,
        quiet_from=chosen.quiet_from if chosen else None,
        quiet_until=chosen.quiet_until if chosen else None,
        digest_only=bool(chosen and chosen.digest_only),
        ways=list(wishes.channels),
    )


async def prefer(tx: AsyncSession, actor: Actor, body: PreferencesIn, *, now: datetime) -> PreferencesOut:
    """The whole of a person's wishes, as given; addresses only where named."""
    chosen = await tx.get(Preference, actor.id) or Preference(account_id=actor.id, changed_at=now)
    chosen.channels = None if body.channels is None else [str(channel) for channel in body.channels]
    chosen.quiet_from, chosen.quiet_until = body.quiet_from, body.quiet_until
    chosen.digest_only, chosen.changed_at = body.digest_only, now
    tx.add(chosen)
    given = body.addresses.model_dump(exclude_unset=True) if body.addresses else {}
    for channel, value in given.items():
        await _set_address(tx, actor.id, Channel(channel), value)
    _note(tx, "notification.prefer", actor, actor.id, now, fields=["preferences", *given])
    await tx.flush()
    return await preferences(tx, actor)


async def _set_address(tx: AsyncSession, account: UUID, channel: Channel, value: str | None) -> None:
    """A new address is good until the channel says otherwise."""
    row = await tx.get(Address, (account, channel))
    row = row or Address(account_id=account, channel=channel, changed_at=machine_now())
    row.sealed = vault_of(tx).seal(value, where=address_place(account, channel)) if value else None
    row.changed_at, row.disabled_at, row.disabled_reason = machine_now(), None, None
    tx.add(row)


async def be_absent(tx: AsyncSession, actor: Actor, body: AbsenceIn, *, now: datetime) -> Absence:
    """Away from one local day to another, both included; the newest entry holds. Without days: back.

    Raises AbsenceInvalid, StandInUnsuitable.
    """
    today = local_date(now)
    away_from, away_until = body.away_from or today, body.away_until or today - DAY
    if body.away_from and not away_from <= away_until <= away_from + LONGEST_ABSENCE:
        raise AbsenceInvalid
    if body.stand_in_id:
        await _refuse_unsuitable(tx, actor.id, body.stand_in_id)
    made = Absence(
        account_id=actor.id,
        away_from=away_from,
        away_until=away_until,
        stand_in_id=body.stand_in_id,
        entered_at=now,
    )
    tx.add(made)
    _note(tx, "notification.absence", actor, actor.id, now)
    return made


async def arrange(tx: AsyncSession, actor: Actor, body: StandInIn, *, now: datetime) -> StandIn:
    """A standing arrangement: who hears when somebody is away. For oneself or a colleague.

    Raises AccountOutOfReach, StandInUnsuitable.
    """
    account = body.account_id or actor.id
    if account != actor.id and not await share_a_scope(tx, actor.id, account):
        raise AccountOutOfReach
    await _refuse_unsuitable(tx, account, body.stand_in_id)
    made = StandIn(
        account_id=account,
        stand_in_id=body.stand_in_id,
        valid_from=body.valid_from or local_date(now),
        valid_until=body.valid_until,
        entered_by=actor.id,
        entered_at=now,
    )
    tx.add(made)
    _note(tx, "notification.stand_in", actor, account, now)
    return made


async def name_of(tx: AsyncSession, account: UUID) -> str:
    return (await tx.get_one(Account, account)).name


async def _refuse_unsuitable(tx: AsyncSession, account: UUID, stand_in: UUID) -> None:
    if account == stand_in or not await share_a_scope(tx, account, stand_in):
        raise StandInUnsuitable


def _note(
    tx: AsyncSession,
    action: str,
    actor: Actor,
    about: UUID,
    now: datetime,
    *,
    fields: Sequence[str] = (),
) -> None:
    audit.note(
        tx,
        action,
        actor=actor.label,
        subject_kind="account",
        subject_id=about,
        now=now,
        fields=fields,
    )
