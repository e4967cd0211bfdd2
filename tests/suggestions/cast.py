"""Everybody who acts on suggestions: the people of tests/people.py and those the whole workflow needs."""

from dataclasses import dataclass, field
from uuid import UUID

from app.accounts import logging_in, queries, service, tokens
from app.accounts.actor import Actor, Post
from app.accounts.models import AccountId
from app.accounts.permissions import Role, ScopeKind
from app.directory import queries as directory_queries
from app.directory import service as directory
from app.directory.models import Congress, OrganisationKind, Region
from app.directory.service import Seat
from app.infra.crypto import vault_of
from app.infra.db import Database
from app.infra.tenants import Tenant
from app.kernel.clock import machine_now
from tests.people import County, Token, found_county


@dataclass
class Cast:
    """`units` by letter, `actors` and tokens by name."""

    county: County
    units: dict[str, UUID] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)

    def unit_letter(self, unit_id: str) -> str:
        return next(letter for letter, id in self.units.items() if str(id) == unit_id)

    def seat_name(self, delegate_id: UUID) -> str:
        return next(name for name, id in self.county.seats.items() if id == delegate_id)


async def assemble(database: Database, tenant: Tenant) -> Cast:
    cast = Cast(await found_county(database, tenant))
    county = cast.county
    async with database.unit(tenant) as tx:
        region = await tx.get_one(Region, county.region_id)
        unit, inner = OrganisationKind.UNIT, "内设办公室"
        third = await directory.add_organisation(tx, region, kind=unit, name="县住建局")
        office = await directory.add_organisation(tx, region, kind=unit, name=inner, may_reply=False)
        cast.units = {"A": county.unit_id, "B": county.other_unit_id, "C": third.id, "N": office.id}
        congress = await tx.get_one(Congress, county.congress_id)
        for n, name in enumerate(("erin", "frank"), start=3):
            await directory.seat(tx, congress, Seat(name=name, term=18, phone=f"1380000000{n}"))
            [row] = await directory_queries.delegates(tx, limit=1, name=name)
            county.seats[name] = row.id
            found = await directory_queries.seat(tx, row.id)
            assert found is not None
            assert found[1].account_id is not None
            county.people[name] = await _logged_in(tx, found[1].account_id)
        other_town = await directory_queries.seat(tx, county.seats["dave"])
        assert other_town is not None
        for name, posts in _posts(cast, other_town[2].region_id).items():
            account = await service.open_account(tx, name=name, posts=posts)
            county.people[name] = await _logged_in(tx, account.id)
    async with database.unit(tenant) as tx:
        for name, token in county.people.items():
            at = machine_now()
            who = await queries.acting(tx, *tokens.read_access(vault_of(tx), token.access, at=at), at=at)
            assert who is not None
            cast.actors[name] = who
    return cast


async def _logged_in(tx: object, account: UUID) -> Token:
    return Token(account, (await logging_in.start_session(tx, AccountId(account))).access_token)  # type: ignore[arg-type]


def _posts(cast: Cast, other_town: UUID) -> dict[str, list[Post]]:
    units, town = cast.units, cast.county.town_id
    unit, township = ScopeKind.UNIT, ScopeKind.TOWNSHIP
    return {
        "bertha": [Post(Role.UNIT_HEAD, unit, units["B"], "县交通局")],
        "carl": [
            Post(Role.UNIT_OFFICER, unit, units["C"], "县住建局"),
            Post(Role.UNIT_HEAD, unit, units["C"], "县住建局"),
        ],
        "rex": [
            Post(Role.UNIT_OFFICER, unit, units["A"], "县水务局"),
            Post(Role.CONGRESS_OFFICE, township, town, "甲镇人大办"),
        ],
        "oscar": [Post(Role.CONGRESS_OFFICE, township, other_town, "乙镇人大办")],
    }
