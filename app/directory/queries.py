"""Questions about places, offices, units and delegates."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.directory.models import (
    Congress,
    Delegate,
    DelegateGroup,
    Organisation,
    OrganisationKind,
    Person,
    Region,
    RegionKind,
)
from app.infra.db import sql


async def county(tx: AsyncSession) -> Region:
    return (await tx.exec(select(Region).where(Region.kind == RegionKind.COUNTY))).one()


async def county_if_any(tx: AsyncSession) -> Region | None:
    return (await tx.exec(select(Region).where(Region.kind == RegionKind.COUNTY))).first()


async def region_by_code(tx: AsyncSession, code: str) -> Region | None:
    return (await tx.exec(select(Region).where(Region.code == code))).first()


async def regions(tx: AsyncSession, *, kinds: Sequence[RegionKind]) -> Sequence[Region]:
    """Regions of these kinds, by official code."""
    rows = await tx.exec(select(Region).where(col(Region.kind).in_(kinds)).order_by(Region.code))
    return rows.all()


async def congress_of_region(tx: AsyncSession, region_id: UUID) -> Congress | None:
    return (await tx.exec(select(Congress).where(Congress.region_id == region_id))).first()


async def congresses(tx: AsyncSession) -> Sequence[Congress]:
    """Every congress, by name."""
    return (await tx.exec(select(Congress).order_by(Congress.name))).all()


async def congress_by_name(tx: AsyncSession, name: str) -> Congress | None:
    return (await tx.exec(select(Congress).where(Congress.name == name))).first()


async def unit(tx: AsyncSession, id: UUID) -> Organisation | None:
    """A handling unit that still exists."""
    found = await tx.get(Organisation, id)
    if found is None or found.kind != OrganisationKind.UNIT or found.closed_at:
        return None
    return found


async def units(tx: AsyncSession) -> Sequence[Organisation]:
    """Handling units that still exist, by name."""
    rows = await tx.exec(
        select(Organisation)
        .where(Organisation.kind == OrganisationKind.UNIT, col(Organisation.closed_at).is_(None))
        .order_by(Organisation.name)
    )
    return rows.all()


async def organisation_named(tx: AsyncSession, region_id: UUID, name: str) -> Organisation | None:
    rows = await tx.exec(
        select(Organisation).where(Organisation.region_id == region_id, Organisation.name == name)
    )
    return rows.first()


async def seat(tx: AsyncSession, delegate_id: UUID) -> tuple[Delegate, Person, Congress] | None:
    rows = await tx.exec(
        select(Delegate, Person, Congress)
        .join(Person, col(Person.id) == col(Delegate.person_id))
        .join(Congress, col(Congress.id) == col(Delegate.congress_id))
        .where(Delegate.id == delegate_id)
    )
    return rows.first()


async def person_by_phone(tx: AsyncSession, phone_index: bytes) -> Person | None:
    return (await tx.exec(select(Person).where(Person.phone_index == phone_index))).first()


async def namesakes(
    tx: AsyncSession, *, congress_id: UUID, term: int, name: str
) -> Sequence[tuple[Person, Delegate, str | None]]:
    """The delegates of this congress and term with this name, each with the seat and the group's name."""
    rows = await tx.exec(
        select(Person, Delegate, DelegateGroup.name)
        .join(Delegate, col(Delegate.person_id) == col(Person.id))
        .outerjoin(DelegateGroup, col(DelegateGroup.id) == col(Delegate.group_id))
        .where(Delegate.congress_id == congress_id, Delegate.term == term, Person.name == name)
        .order_by(col(Delegate.id))
    )
    return rows.all()


async def spellings(tx: AsyncSession, congress_id: UUID) -> set[str]:
    """The names of districts and groups as this congress already writes them."""
    districts = await tx.exec(select(Delegate.district).where(Delegate.congress_id == congress_id).distinct())
    groups = await tx.exec(select(DelegateGroup.name).where(DelegateGroup.congress_id == congress_id))
    return {*(district for district in districts if district), *groups}


async def group_named(tx: AsyncSession, congress_id: UUID, name: str) -> DelegateGroup | None:
    rows = await tx.exec(
        select(DelegateGroup).where(DelegateGroup.congress_id == congress_id, DelegateGroup.name == name)
    )
    return rows.first()


DELEGATES = text("""
    SELECT d.id, p.name, p.gender, p.position, d.term, d.district, g.name AS group_name,
           c.id AS congress_id, c.name AS congress_name, c.level
      FROM delegates d
      JOIN persons p ON p.id = d.person_id
      JOIN congresses c ON c.id = d.congress_id
      LEFT JOIN delegate_groups g ON g.id = d.group_id
     WHERE d.left_on IS NULL
       AND (CAST(:congress AS uuid) IS NULL OR d.congress_id = :congress)
       AND (CAST(:id AS uuid) IS NULL OR d.id = :id)
       AND (CAST(:name AS text) IS NULL OR p.name LIKE '%' || :name || '%')
       AND (CAST(:after AS uuid) IS NULL OR d.id > :after)
     ORDER BY d.id LIMIT :limit""")


async def delegates(
    tx: AsyncSession,
    *,
    limit: int,
    congress_id: UUID | None = None,
    id: UUID | None = None,
    name: str | None = None,
    after: UUID | None = None,
) -> Sequence[Any]:
    """Sitting delegates as shown in lists, in order of entry. Phones are never among the columns."""
    facts = {"congress": congress_id, "id": id, "name": name, "after": after, "limit": limit}
    return (await sql(tx, DELEGATES, facts)).all()


async def seats_of_person(tx: AsyncSession, person_id: UUID) -> Sequence[Delegate]:
    return (await tx.exec(select(Delegate).where(Delegate.person_id == person_id))).all()
