"""Who is meant: from the roles of a ladder to accounts, and what the matter is called."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts import queries as accounts
from app.accounts.permissions import Role
from app.deadlines.packs import Recipient
from app.directory import queries as directory
from app.notifications.rules import INBOX_ONLY
from app.suggestions.models import Suggestion

OF_THE_UNIT = {Recipient.UNIT_OFFICER: Role.UNIT_OFFICER, Recipient.UNIT_HEAD: Role.UNIT_HEAD}
OF_THE_REGION = {
    Recipient.CONGRESS_OFFICE: Role.CONGRESS_OFFICE,
    Recipient.MEETING_AGENDA: Role.CONGRESS_OFFICE,
    Recipient.PRESIDIUM_CHAIR: Role.PRESIDIUM_CHAIR,
}


@dataclass(frozen=True)
class Matter:
    """The opinion or suggestion, as a message may call it, and where it lies."""

    kind: str
    id: UUID
    name: str
    region_id: UUID
    unit_id: UUID | None
    delegate_id: UUID | None = None


async def matter(tx: AsyncSession, root_id: UUID, *, region_id: UUID, unit_id: UUID | None) -> Matter:
    """A confidential suggestion is not named; a resident's opinion is never quoted."""
    found = await tx.get(Suggestion, root_id)
    if found is None:
        return Matter("opinion", root_id, "一条群众意见", region_id, unit_id)
    name = "一件不公开的建议" if found.confidential else found.title
    return Matter("suggestion", root_id, name, region_id, unit_id, found.delegate_id)


async def audience(tx: AsyncSession, roles: Iterable[str], of: Matter) -> dict[UUID, bool]:
    """account → may its phone ring too. What nobody would hear goes to the congress office."""
    heard: dict[UUID, bool] = {}
    for role in roles:
        for account in await _people(tx, Recipient(role), of):
            heard[account] = heard.get(account, False) or role not in INBOX_ONLY
    if not heard:
        return dict.fromkeys(await _people(tx, Recipient.CONGRESS_OFFICE, of), True)
    return heard


async def _people(tx: AsyncSession, recipient: Recipient, of: Matter) -> Sequence[UUID]:
    if recipient is Recipient.DELEGATE:
        holder = of.delegate_id and await accounts.holder_of_seat(tx, of.delegate_id)
        return [holder.id] if holder else []
    role, scope = await _post(tx, recipient, of)
    return [account.id for account in await accounts.holders(tx, role, scope)] if scope else []


async def _post(tx: AsyncSession, recipient: Recipient, of: Matter) -> tuple[Role, UUID | None]:
    if recipient in OF_THE_UNIT:
        return OF_THE_UNIT[recipient], of.unit_id
    if recipient in OF_THE_REGION:
        return OF_THE_REGION[recipient], of.region_id
    return Role.LEADER, (await directory.county(tx)).id
