"""Who is meant: from the roles of a ladder to accounts, and what the matter is called."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts import queries as accounts
from app.accounts.models import Account
from app.accounts.permissions import Role
from app.deadlines.packs import Recipient
from app.directory import queries as directory
from app.directory.models import Organisation
from app.notifications.policy import COSIGNER, COUNTY_OFFICE, PERSON
from app.suggestions.models import Suggestion

OF_THE_UNIT = {Recipient.UNIT_OFFICER: Role.UNIT_OFFICER, Recipient.UNIT_HEAD: Role.UNIT_HEAD}
OF_THE_REGION = {
    Recipient.CONGRESS_OFFICE: Role.CONGRESS_OFFICE,
    Recipient.MEETING_AGENDA: Role.CONGRESS_OFFICE,
    Recipient.PRESIDIUM_CHAIR: Role.PRESIDIUM_CHAIR,
}


@dataclass(frozen=True)
class Matter:
    """What a message is about, as it may be called, and where it lies.

    `delegate_id`: who raised it; `cosigner_ids`: delegates it is offered to; `person_id`: whom it concerns.
    """

    kind: str
    id: UUID
    name: str
    region_id: UUID
    unit_id: UUID | None
    delegate_id: UUID | None = None
    person_id: UUID | None = None
    cosigner_ids: tuple[UUID, ...] = ()


async def matter(tx: AsyncSession, root_id: UUID, *, region_id: UUID, unit_id: UUID | None) -> Matter:
    """A confidential suggestion is not named; a resident's opinion is never quoted."""
    found = await tx.get(Suggestion, root_id)
    if found is None:
        return Matter("opinion", root_id, "一条群众意见", region_id, unit_id)
    name = "一件不公开的建议" if found.confidential else found.title
    return Matter("suggestion", root_id, name, region_id, unit_id, found.delegate_id)


async def audience(
    tx: AsyncSession,
    roles: Iterable[str],
    of: Matter,
    *,
    inbox_only: Collection[str],
    else_office: bool = True,
) -> dict[UUID, bool]:
    """account → may its phone ring too. What nobody would hear goes to the congress office if it may."""
    heard: dict[UUID, bool] = {}
    for role in roles:
        for account in await _people(tx, role, of):
            heard[account] = heard.get(account, False) or role not in inbox_only
    if not heard and else_office:
        return dict.fromkeys(await _people(tx, Recipient.CONGRESS_OFFICE, of), True)
    return heard


async def _people(tx: AsyncSession, role: str, of: Matter) -> Sequence[UUID]:
    if role == PERSON:
        return [of.person_id] if of.person_id else []
    if role in (Recipient.DELEGATE, COSIGNER):
        seats = of.cosigner_ids if role == COSIGNER else (of.delegate_id,)
        holders = [await accounts.holder_of_seat(tx, seat) for seat in seats if seat]
        return [holder.id for holder in holders if holder]
    heard = await _posts(tx, role, of)
    return [account.id for post, scope in heard for account in await accounts.holders(tx, post, scope)]


async def _posts(tx: AsyncSession, role: str, of: Matter) -> list[tuple[Role, UUID]]:
    """The posts (role, scope) that a role of the ladder means for this matter."""
    if role in OF_THE_UNIT:
        return [(OF_THE_UNIT[Recipient(role)], of.unit_id)] if of.unit_id else []
    if role in OF_THE_REGION:
        own = (OF_THE_REGION[Recipient(role)], of.region_id)
        above = await _county_office(tx, of) if role == Recipient.MEETING_AGENDA else []
        return [own, *above]
    county = (await directory.county(tx)).id
    return [(Role.CONGRESS_OFFICE if role == COUNTY_OFFICE else Role.LEADER, county)]


async def _county_office(tx: AsyncSession, of: Matter) -> list[tuple[Role, UUID]]:
    """A county bureau is no matter for a town's presidium alone: the county committee hears of it too."""
    unit = await tx.get(Organisation, of.unit_id) if of.unit_id else None
    county = (await directory.county(tx)).id
    return [(Role.CONGRESS_OFFICE, county)] if unit and unit.region_id == county != of.region_id else []


async def named(tx: AsyncSession, account_id: UUID) -> str:
    found = await tx.exec(select(Account.name).where(col(Account.id) == account_id))
    return found.first() or ""
