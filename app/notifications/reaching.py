"""By which ways a person can be reached, in which order, and at which address."""

from collections.abc import Collection, Iterable
from uuid import UUID

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.models import WechatBinding
from app.directory.models import Person
from app.directory.service import phone_place
from app.infra.crypto import vault_of
from app.notifications.calming import Wishes
from app.notifications.channels import Channel
from app.notifications.models import Address, Preference
from app.notifications.policy import Routing


async def wishes(tx: AsyncSession, accounts: Collection[UUID], routing: Routing) -> dict[UUID, Wishes]:
    """For each account; the number of queries does not grow with them."""
    chosen = {
        row.account_id: row
        for row in await tx.exec(select(Preference).where(col(Preference.account_id).in_(accounts)))
    }
    open_ways = await _open_ways(tx, accounts)
    return {
        account: _wishes(chosen.get(account), open_ways.get(account, set()), routing.channels)
        for account in accounts
    }


def _wishes(chosen: Preference | None, open_ways: set[str], usual: Iterable[Channel]) -> Wishes:
    if chosen is None:
        return Wishes(tuple(channel for channel in usual if channel in open_ways))
    wanted = [Channel(name) for name in chosen.channels] if chosen.channels is not None else usual
    quiet = (chosen.quiet_from, chosen.quiet_until) if chosen.quiet_from and chosen.quiet_until else None
    ways = tuple(channel for channel in wanted if channel in open_ways)
    return Wishes(ways, quiet, chosen.digest_only)


async def _open_ways(tx: AsyncSession, accounts: Collection[UUID]) -> dict[UUID, set[str]]:
    """account → channels with an address that is not disabled."""
    found: dict[UUID, set[str]] = {}
    disabled: set[tuple[UUID, str]] = set()
    for row in await tx.exec(select(Address).where(col(Address.account_id).in_(accounts))):
        if row.disabled_at:
            disabled.add((row.account_id, row.channel))
        elif row.sealed:
            found.setdefault(row.account_id, set()).add(row.channel)
    for account in await _bound(tx, accounts):
        found.setdefault(account, set()).add(Channel.WECHAT)
    holders = await tx.exec(
        select(Person.account_id).where(
            col(Person.account_id).in_(accounts), col(Person.phone_sealed).is_not(None)
        )
    )
    for holder in holders:
        if holder and (holder, Channel.SMS) not in disabled:
            found.setdefault(holder, set()).add(Channel.SMS)
    return found


async def _bound(tx: AsyncSession, accounts: Collection[UUID]) -> Collection[UUID]:
    """Who has bound WeChat, since it was last found dead if it ever was."""
    rows = await tx.exec(
        select(WechatBinding.account_id)
        .outerjoin(
            Address,
            (col(Address.account_id) == col(WechatBinding.account_id))
            & (col(Address.channel) == Channel.WECHAT),
        )
        .where(col(WechatBinding.account_id).in_(accounts))
        .where(
            or_(col(Address.disabled_at).is_(None), col(WechatBinding.bound_at) > col(Address.disabled_at))
        )
    )
    return set(rows.all())


async def address(tx: AsyncSession, account: UUID, channel: Channel, *, appid: str) -> str | None:
    """Where this channel finds the person now; None if nowhere. Never logged."""
    if channel is Channel.WECHAT:
        return await _openid(tx, account, appid)
    row = await tx.get(Address, (account, channel))
    if row and row.sealed and not row.disabled_at:
        return vault_of(tx).open(row.sealed, where=address_place(account, channel))
    if channel is Channel.SMS and not (row and row.disabled_at):
        return (await phones(tx, [account])).get(account)
    return None


def address_place(account: UUID, channel: str) -> str:
    return f"channel_addresses.sealed|{account}|{channel}"


async def _openid(tx: AsyncSession, account: UUID, appid: str) -> str | None:
    rows = await tx.exec(
        select(WechatBinding.openid)
        .where(WechatBinding.account_id == account, WechatBinding.appid == appid)
        .order_by(col(WechatBinding.bound_at).desc())
    )
    return rows.first()


async def phones(tx: AsyncSession, accounts: Collection[UUID]) -> dict[UUID, str]:
    """Phones of the roster, in clear: for a text message or a call. Never logged."""
    rows = await tx.exec(
        select(Person).where(col(Person.account_id).in_(accounts), col(Person.phone_sealed).is_not(None))
    )
    return {
        person.account_id: vault_of(tx).open(person.phone_sealed, where=phone_place(person.id))
        for person in rows
        if person.account_id and person.phone_sealed
    }
