"""An alert's whole trail: crossed when, told to whom, by what and why so, with what result."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.accounts.models import Account, Membership
from app.alerts import queries as alerts
from app.alerts.presenting import shown
from app.alerts.schemas import UndertakingOut
from app.notifications import queries
from app.notifications.channels import Channel
from app.notifications.models import CallItem, Delivery, DeliveryState, InboxItem
from app.notifications.schemas import AcknowledgementOut, AlertTrailOut, CallTrailOut, DeliveryOut
from app.suggestions.models import CoSigner, Suggestion
from app.suggestions.visibility import read_as_government


async def trail(tx: AsyncSession, id: UUID, actor: Actor, *, now: datetime) -> AlertTrailOut:
    """Raises AlertUnknown."""
    found = await alerts.seen(tx, id, actor)
    titles = await alerts.titles(tx, [found.alert.root_id], actor)
    summary = shown(found, title=titles.get(found.alert.root_id), now=now)
    rows = await queries.trail(tx, id)
    unnamed = await _unnamed(tx, found.alert.root_id, actor)
    return AlertTrailOut(
        **summary.model_dump(),
        deliveries=await _deliveries(tx, [row for row in rows if row[0].account_id not in unnamed]),
        acknowledgements=[
            AcknowledgementOut.model_validate(row) for row in await alerts.acknowledgements(tx, id)
        ],
        undertakings=[
            UndertakingOut.model_validate(row)
            for row in await alerts.undertakings(tx, found.alert.subject_id)
        ],
        calls=await _calls(tx, [item.id for _, _, item in rows if item and item.account_id not in unnamed]),
    )


async def _unnamed(tx: AsyncSession, root_id: UUID | None, actor: Actor) -> set[UUID]:
    """Whom the government side must not find here: those who raised and signed a confidential suggestion."""
    hidden = select(Suggestion.id).where(
        Suggestion.id == root_id, col(Suggestion.confidential).is_(True), read_as_government(actor)
    )
    leads = select(Suggestion.delegate_id).where(col(Suggestion.id).in_(hidden))
    signs = select(CoSigner.delegate_id).where(col(CoSigner.suggestion_id).in_(hidden))
    holders = select(Membership.account_id).where(
        or_(col(Membership.delegate_id).in_(leads), col(Membership.delegate_id).in_(signs))
    )
    return set(await tx.exec(holders))


async def _deliveries(
    tx: AsyncSession, rows: Sequence[tuple[Delivery, Account, InboxItem | None]]
) -> list[DeliveryOut]:
    channels = {delivery.id: Channel(delivery.channel) for delivery, _, _ in rows}
    away = [delivery.stands_in_for for delivery, _, _ in rows if delivery.stands_in_for]
    names = dict((await tx.exec(select(Account.id, Account.name).where(col(Account.id).in_(away)))).all())
    return [_delivery(delivery, person, item, channels, names) for delivery, person, item in rows]


def _delivery(
    delivery: Delivery,
    person: Account,
    item: InboxItem | None,
    channels: Mapping[UUID, Channel],
    names: Mapping[UUID, str],
) -> DeliveryOut:
    return DeliveryOut(
        person=person.name,
        channel=Channel(delivery.channel),
        state=DeliveryState(delivery.state),
        attempts=delivery.attempts,
        not_before=delivery.send_after,
        at=delivery.delivered_at,
        read_at=item.read_at if item else None,
        reason=delivery.reason,
        fell_back=delivery.fell_back,
        instead_of=channels.get(delivery.instead_of) if delivery.instead_of else None,
        stands_in_for=names.get(delivery.stands_in_for) if delivery.stands_in_for else None,
        together=delivery.merged_into is not None,
    )


async def _calls(tx: AsyncSession, item_ids: Sequence[UUID]) -> list[CallTrailOut]:
    rows = await tx.exec(
        select(CallItem, Account.name)
        .join(Account, col(Account.id) == col(CallItem.account_id))
        .where(col(CallItem.inbox_item_id).in_(item_ids))
        .order_by(col(CallItem.id))
    )
    return [
        CallTrailOut(person=name, since=call.since, done_at=call.done_at, result=call.result)
        for call, name in rows
    ]
