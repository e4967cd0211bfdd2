"""Whom a ledger means: delegates and units found by name, or refused by name; seated and added if wished."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.directory import queries as directory
from app.directory import service
from app.directory.models import Congress, Delegate, Organisation, OrganisationKind, Person, Region
from app.directory.service import Seat
from app.kernel.errors import Conflict
from app.operations.ledger_words import unit_key


class DelegateNotOnRoster(Conflict):
    code = "delegate-not-on-roster"

    def __init__(self, name: str, field: str) -> None:
        super().__init__(
            f"{name}不在本届和往届的代表名册里，请核对姓名，或先导入名册（也可用 --add-delegates 一并登记）",
            field=field,
        )


class DelegateUnclear(Conflict):
    code = "delegate-unclear"

    def __init__(self, name: str, field: str) -> None:
        super().__init__(f"名册里有几位{name}，分不清是哪一位，请在系统里登记这一件", field=field)


class UnitNotThere(Conflict):
    code = "unit-not-there"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"没有名为“{name}”的承办单位，请核对名称，或先登记这个单位（也可用 --add-units 一并登记）",
            field="units",
        )


class UnitUnclear(Conflict):
    code = "unit-unclear"

    def __init__(self, name: str, meant: Sequence[str]) -> None:
        super().__init__(f"“{name}”可能是{'、'.join(meant)}，请写全称", field="units")


@dataclass(frozen=True)
class Directory:
    """What of the directory a batch of rows is looked up in. `seats`: name → seats of the congress."""

    congress: Congress
    place: Region
    county: Region
    seats: Mapping[str, list[Delegate]]
    units: list[Organisation]

    async def delegate(self, tx: AsyncSession, name: str, field: str, *, term: int | None, add: bool) -> UUID:
        """The seat of this name: in the term named or else the present one; failing that, the only one there
        ever was. Raises DelegateNotOnRoster, DelegateUnclear."""
        every = self.seats.get(name, [])
        meant = [seat for seat in every if seat.term == (term or self.congress.term)] or every
        if len(meant) > 1:
            raise DelegateUnclear(name, field)
        if meant:
            return meant[0].id
        if not add:
            raise DelegateNotOnRoster(name, field)
        seated = await service.seat(tx, self.congress, Seat(name=name, term=term or self.congress.term))
        return seated.delegate.id

    async def unit(self, tx: AsyncSession, name: str, *, add: bool) -> Organisation:
        """By its name or what is left of it without its place; the congress's own place comes first.

        Raises UnitNotThere, UnitUnclear.
        """
        meant = [unit for unit in self.units if unit.name == name] or self._alike(name)
        near = [unit for unit in meant if unit.region_id == self.place.id] or meant
        if len(near) > 1:
            raise UnitUnclear(name, [unit.name for unit in near])
        if near:
            return near[0]
        if not add:
            raise UnitNotThere(name)
        region = self.place if name.startswith(self.place.name) else self.county
        return await service.add_organisation(tx, region, kind=OrganisationKind.UNIT, name=name)

    def _alike(self, name: str) -> list[Organisation]:
        key = unit_key(name, self.county.name)
        return [unit for unit in self.units if unit_key(unit.name, self.county.name) == key]


async def looked_up(tx: AsyncSession, congress: Congress, names: set[str]) -> Directory:
    """The directory as a batch that names these people needs it."""
    seats: dict[str, list[Delegate]] = {}
    rows = await tx.exec(
        select(Person.name, Delegate)
        .join(Delegate, col(Delegate.person_id) == col(Person.id))
        .where(Delegate.congress_id == congress.id, col(Person.name).in_(names))
        .order_by(col(Delegate.id))
    )
    for name, seat in rows:
        seats.setdefault(name, []).append(seat)
    return Directory(
        congress=congress,
        place=await tx.get_one(Region, congress.region_id),
        county=await directory.county(tx),
        seats=seats,
        units=list(await directory.units(tx)),
    )
