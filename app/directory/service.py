"""The directory grows: regions, congresses, units, and a roster's rows becoming seats."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts import service as accounts
from app.accounts.actor import Post
from app.accounts.permissions import Role, ScopeKind
from app.directory import queries
from app.directory.errors import NamesakesUnclear, PhoneDiffers, PhoneOfAnother
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


@dataclass(frozen=True)
class Seated:
    """A delegate's seat after entry. `new`: it was not here; `completed`: fields filled in on a known one."""

    delegate: Delegate
    new: bool
    completed: tuple[str, ...] = ()


async def seat(tx: AsyncSession, congress: Congress, row: Seat) -> Seated:
    """Enter one delegate with account and admission. A known seat only has its gaps filled.

    Who is meant: the holder of the phone, else whom name and district or group fit. A phone given
    later goes to the person who had none. Raises PhoneOfAnother, PhoneDiffers, NamesakesUnclear.
    """
    person = await _person(tx, congress, row)
    held = await _seat_of(tx, congress, person, row.term)
    if held is not None:
        return Seated(held, new=False, completed=await _complete(tx, congress, person, held, row))
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
    return Seated(delegate, new=True)


async def _person(tx: AsyncSession, congress: Congress, row: Seat) -> Person:
    known = await _known(tx, congress, row)
    if known is not None:
        return known
    person = Person(name=row.name, gender=row.gender, position=row.position)
    if row.phone:
        _set_phone(tx, person, row.phone)
    tx.add(person)
    await tx.flush()
    return person


async def _known(tx: AsyncSession, congress: Congress, row: Seat) -> Person | None:
    index = accounts.phone_index(tx, row.phone) if row.phone else None
    owner = await queries.person_by_phone(tx, index) if index else None
    if owner is not None:
        if owner.name != row.name:
            raise PhoneOfAnother
        return owner
    alike = await queries.namesakes(tx, congress_id=congress.id, term=row.term, name=row.name)
    fitting = [found for found in alike if _fits(row, found[1].district, found[2])]
    silent = [person for person, _, _ in fitting if index is None or person.phone_index is None]
    if len(silent) > 1:
        raise NamesakesUnclear(row.name)
    if not silent and fitting and (row.district or row.group):
        raise PhoneDiffers(row.name)
    return silent[0] if silent else None


def _fits(row: Seat, district: str | None, group: str | None) -> bool:
    """Neither district nor group says that it is somebody else."""
    pairs = ((row.district, district), (row.group, group))
    return all(ours is None or theirs is None or ours == theirs for ours, theirs in pairs)


def _set_phone(tx: AsyncSession, person: Person, phone: str) -> None:
    person.phone_index = accounts.phone_index(tx, phone)
    person.phone_sealed = vault_of(tx).seal(phone, where=phone_place(person.id))


async def _seat_of(tx: AsyncSession, congress: Congress, person: Person, term: int) -> Delegate | None:
    held: Sequence[Delegate] = await queries.seats_of_person(tx, person.id)
    return next((seat for seat in held if seat.congress_id == congress.id and seat.term == term), None)


async def _complete(
    tx: AsyncSession, congress: Congress, person: Person, delegate: Delegate, row: Seat
) -> tuple[str, ...]:
    """Fill what was left blank; what is there stays. Returns the names of the fields filled."""
    filled = []
    if row.phone and person.phone_index is None and person.account_id is not None:
        _set_phone(tx, person, row.phone)
        await accounts.admit_phone(tx, person.account_id, row.phone)
        filled.append("phone")
    if row.group and delegate.group_id is None:
        delegate.group_id = await _group(tx, congress, row.group)
        filled.append("group")
    for holder, name in ((delegate, "district"), (person, "gender"), (person, "position")):
        if getattr(row, name) and getattr(holder, name) is None:
            setattr(holder, name, getattr(row, name))
            filled.append(name)
    tx.add_all((person, delegate))
    return tuple(filled)


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
