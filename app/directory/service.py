"""The directory grows: regions, congresses, units, and a roster's rows becoming seats."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts import service as accounts
from app.accounts.actor import Post
from app.accounts.permissions import Role, ScopeKind
from app.directory import queries
from app.directory.models import (
    Congress,
    Delegate,
    DelegateGroup,
    Level,
    Organisation,
    OrganisationKind,
    Person,
    Region,
    RegionKind,
)
from app.infra.crypto import vault_of


@dataclass(frozen=True)
class Seat:
    """One row of a roster, cleaned. `phone`: digits of a mainland mobile, or None."""

    name: str
    term: int
    phone: str | None = None
    gender: str | None = None
    position: str | None = None
    district: str | None = None
    group: str | None = None


def phone_place(person_id: UUID) -> str:
    return f"persons.phone|{person_id}"


async def add_region(
    tx: AsyncSession, *, code: str, name: str, kind: RegionKind, parent_id: UUID | None = None
) -> Region:
    """A division by its official code; a second call gives the same row."""
    known = await queries.region_by_code(tx, code)
    if known is None:
        known = Region(code=code, name=name, kind=kind, parent_id=parent_id)
        tx.add(known)
        await tx.flush()
    return known


async def add_congress(tx: AsyncSession, region: Region, *, name: str, term: int) -> Congress:
    """The congress of a county or a township; streets have none."""
    known = await queries.congress_of_region(tx, region.id)
    if known is None:
        level = Level.COUNTY if region.kind == RegionKind.COUNTY else Level.TOWNSHIP
        known = Congress(region_id=region.id, level=level, name=name, term=term)
        tx.add(known)
        await tx.flush()
    return known


async def add_organisation(
    tx: AsyncSession,
    region: Region,
    *,
    kind: OrganisationKind,
    name: str,
    parent_id: UUID | None = None,
    may_reply: bool = True,
) -> Organisation:
    known = await queries.organisation_named(tx, region.id, name)
    if known is None:
        known = Organisation(
            kind=kind, name=name, region_id=region.id, parent_id=parent_id, may_reply=may_reply
        )
        tx.add(known)
        await tx.flush()
    return known


async def seat(tx: AsyncSession, congress: Congress, row: Seat) -> bool:
    """Enter one delegate with account and admission; False if this seat was known already."""
    person = await _person(tx, congress, row)
    if await _seated(tx, congress, person, row.term):
        return False
    delegate = Delegate(
        person_id=person.id,
        congress_id=congress.id,
        term=row.term,
        district=row.district,
        group_id=await _group(tx, congress, row.group),
    )
    tx.add(delegate)
    await tx.flush()
    await _admit(tx, congress, person, delegate, row)
    return True


async def _person(tx: AsyncSession, congress: Congress, row: Seat) -> Person:
    index = accounts.phone_index(tx, row.phone) if row.phone else None
    known = await queries.person_by_phone(tx, index) if index else None
    known = known or await queries.person_in_congress(
        tx, congress_id=congress.id, term=row.term, name=row.name, district=row.district
    )
    if known is not None:
        return known
    person = Person(name=row.name, gender=row.gender, position=row.position, phone_index=index)
    if row.phone:
        person.phone_sealed = vault_of(tx).seal(row.phone, where=phone_place(person.id))
    tx.add(person)
    await tx.flush()
    return person


async def _seated(tx: AsyncSession, congress: Congress, person: Person, term: int) -> bool:
    held: Sequence[Delegate] = await queries.seats_of_person(tx, person.id)
    return any(seat.congress_id == congress.id and seat.term == term for seat in held)


async def _group(tx: AsyncSession, congress: Congress, name: str | None) -> UUID | None:
    if name is None:
        return None
    known = await queries.group_named(tx, congress.id, name)
    if known is None:
        known = DelegateGroup(congress_id=congress.id, name=name)
        tx.add(known)
        await tx.flush()
    return known.id


async def _admit(tx: AsyncSession, congress: Congress, person: Person, delegate: Delegate, row: Seat) -> None:
    post = Post(
        role=Role.DELEGATE,
        scope_kind=ScopeKind.CONGRESS,
        scope_id=congress.id,
        scope_name=congress.name,
        delegate_id=delegate.id,
        level=congress.level,
    )
    if person.account_id is None:
        account = await accounts.open_account(tx, name=person.name, posts=[post])
        person.account_id = account.id
    else:
        accounts.grant(tx, person.account_id, post)
    if row.phone:
        await accounts.admit_phone(tx, person.account_id, row.phone)
