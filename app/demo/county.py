"""The county's places, offices and units, with the people who act in the invented year."""

from dataclasses import dataclass, field

from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts import service as accounts
from app.accounts.actor import Actor, Post, actor_of
from app.accounts.permissions import Role, ScopeKind
from app.demo.names import BUREAUS, COUNTY, COUNTY_CODE, INNER_OFFICES, STREETS, TERM, TOWNS, Names
from app.demo.shape import Shape
from app.directory import service as directory
from app.directory.models import Congress, Organisation, OrganisationKind, Region, RegionKind
from app.stations.models import LiaisonStation

VILLAGES = 14


@dataclass(frozen=True)
class Unit:
    """A handling unit with the two who act for it."""

    row: Organisation
    officer: Actor
    head: Actor


@dataclass(frozen=True)
class Station:
    row: LiaisonStation
    keeper: Actor | None  # points have none


@dataclass
class Town:
    """A town, or a street, which has neither congress, chair nor unit of its own.

    `delegates` hold one seat each; they receive voters at the `stations`.
    """

    region: Region
    office: Actor
    villages: tuple[str, ...]
    congress: Congress | None = None
    chair: Actor | None = None
    unit: Unit | None = None
    government_office: Actor | None = None
    delegates: list[Actor] = field(default_factory=list)
    stations: list[Station] = field(default_factory=list)


@dataclass
class County:
    """`towns` with the showcase first; `delegates` hold a county seat beside a town's."""

    region: Region
    congress: Congress
    office: Actor
    leader: Actor
    towns: list[Town]
    streets: list[Town]
    bureaus: list[Unit]
    delegates: list[Actor] = field(default_factory=list)

    @property
    def showcase(self) -> Town:
        """The township of the demo users."""
        return self.towns[0]

    @property
    def places(self) -> list[Town]:
        return [*self.towns, *self.streets]


async def found(tx: AsyncSession, shape: Shape, names: Names) -> County:
    """Towns first, so that the showcase's government is the county's first unit."""
    region = await directory.add_region(tx, code=COUNTY_CODE, name=COUNTY, kind=RegionKind.COUNTY)
    congress = await directory.add_congress(tx, region, name=f"{COUNTY}人民代表大会", term=TERM)
    towns = [
        await _town(tx, region, name, number, names) for number, name in enumerate(TOWNS[: shape.towns], 1)
    ]
    streets = [
        await _street(tx, region, name, number, names)
        for number, name in enumerate(STREETS[: shape.streets], 1)
    ]
    bureaus = [await _unit(tx, region, name, names) for name in BUREAUS]
    await _office(tx, region, OrganisationKind.CONGRESS_OFFICE, "县人大常委会代表工作委员会")
    return County(
        region=region,
        congress=congress,
        office=await person(
            tx, names, Post(Role.CONGRESS_OFFICE, ScopeKind.COUNTY, region.id, "县人大常委会代表工委")
        ),
        leader=await person(tx, names, Post(Role.LEADER, ScopeKind.COUNTY, region.id, "县人大常委会")),
        towns=towns,
        streets=streets,
        bureaus=bureaus,
    )


async def person(tx: AsyncSession, names: Names, post: Post) -> Actor:
    """Someone new with an account and one post."""
    name = names.person()
    account = await accounts.open_account(tx, name=name, posts=[post])
    return actor_of(account.id, name, [post])


async def _town(tx: AsyncSession, county: Region, name: str, number: int, names: Names) -> Town:
    code = f"{COUNTY_CODE}1{number:02d}"
    region = await directory.add_region(
        tx, code=code, name=name, kind=RegionKind.TOWNSHIP, parent_id=county.id
    )
    office_name = f"{name}人大办"
    await _office(tx, region, OrganisationKind.CONGRESS_OFFICE, office_name)
    await _office(tx, region, OrganisationKind.GOVERNMENT_OFFICE, f"{name}党政办")
    unit = await _unit(tx, region, f"{name}人民政府", names)
    for inner in INNER_OFFICES:
        await directory.add_organisation(
            tx,
            region,
            kind=OrganisationKind.UNIT,
            name=f"{name}{inner}",
            parent_id=unit.row.id,
            may_reply=False,
        )
    return Town(
        region=region,
        villages=names.villages(VILLAGES),
        congress=await directory.add_congress(tx, region, name=f"{name}人民代表大会", term=TERM),
        office=await _in_town(tx, names, Role.CONGRESS_OFFICE, region, office_name),
        chair=await _in_town(tx, names, Role.PRESIDIUM_CHAIR, region, f"{name}人大"),
        government_office=await _in_town(tx, names, Role.GOVERNMENT_OFFICE, region, f"{name}党政办"),
        unit=unit,
    )


async def _street(tx: AsyncSession, county: Region, name: str, number: int, names: Names) -> Town:
    code = f"{COUNTY_CODE}0{number:02d}"
    region = await directory.add_region(tx, code=code, name=name, kind=RegionKind.STREET, parent_id=county.id)
    office_name = f"{COUNTY}人大常委会{name}工作委员会"
    await _office(tx, region, OrganisationKind.CONGRESS_OFFICE, office_name)
    return Town(
        region=region,
        villages=names.villages(VILLAGES),
        office=await _in_town(tx, names, Role.CONGRESS_OFFICE, region, office_name),
    )


async def _in_town(tx: AsyncSession, names: Names, role: Role, region: Region, scope_name: str) -> Actor:
    return await person(tx, names, Post(role, ScopeKind.TOWNSHIP, region.id, scope_name))


async def _office(tx: AsyncSession, region: Region, kind: OrganisationKind, name: str) -> None:
    await directory.add_organisation(tx, region, kind=kind, name=name, may_reply=False)


async def _unit(tx: AsyncSession, region: Region, name: str, names: Names) -> Unit:
    row = await directory.add_organisation(tx, region, kind=OrganisationKind.UNIT, name=name)
    officer = await person(tx, names, Post(Role.UNIT_OFFICER, ScopeKind.UNIT, row.id, name))
    head = await person(tx, names, Post(Role.UNIT_HEAD, ScopeKind.UNIT, row.id, name))
    return Unit(row, officer, head)
