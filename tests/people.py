"""The people of every test. Alice the delegate, Bob of the unit (Bella its head), Carol of the congress
office, Chen the presidium's chair, Dave the stranger (a delegate of another township)."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx

from app.accounts import logging_in, service
from app.accounts.actor import Post
from app.accounts.models import AccountId
from app.accounts.permissions import Role, ScopeKind
from app.directory import queries as directory_queries
from app.directory import service as directory
from app.directory.models import OrganisationKind, RegionKind
from app.directory.service import Seat
from app.infra.db import Database
from app.infra.tenants import Tenant


@dataclass(frozen=True)
class Token:
    """A logged-in person's way to call the API."""

    account_id: UUID
    access: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.access}"}


@dataclass(frozen=True)
class County:
    """Who and what there is. `seats` maps alice and dave to their delegate ids."""

    region_id: UUID
    town_id: UUID
    congress_id: UUID
    unit_id: UUID
    other_unit_id: UUID
    people: dict[str, Token]
    seats: dict[str, UUID]

    def __getitem__(self, name: str) -> Token:
        return self.people[name]


async def found_county(database: Database, tenant: Tenant) -> County:
    async with database.unit(tenant) as tx:
        county = await directory.add_region(tx, code="990001", name="示例县", kind=RegionKind.COUNTY)
        towns = [
            await directory.add_region(
                tx, code=f"99000110{n}", name=name, kind=RegionKind.TOWNSHIP, parent_id=county.id
            )
            for n, name in enumerate(("甲镇", "乙镇"))
        ]
        congresses = [
            await directory.add_congress(tx, town, name=f"{town.name}人民代表大会", term=18) for town in towns
        ]
        units = [
            await directory.add_organisation(tx, county, kind=OrganisationKind.UNIT, name=name)
            for name in ("县水务局", "县交通局")
        ]
        seats = {}
        for name, phone, congress in (
            ("alice", "13800000001", congresses[0]),
            ("dave", "13800000002", congresses[1]),
        ):
            await directory.seat(tx, congress, Seat(name=name, term=18, phone=phone, district="第一选区"))
            [row] = await directory_queries.delegates(tx, limit=1, name=name)
            seats[name] = row.id
        posts = {
            "bob": Post(Role.UNIT_OFFICER, ScopeKind.UNIT, units[0].id, units[0].name),
            "bella": Post(Role.UNIT_HEAD, ScopeKind.UNIT, units[0].id, units[0].name),
            "bruno": Post(Role.UNIT_OFFICER, ScopeKind.UNIT, units[1].id, units[1].name),
            "carol": Post(Role.CONGRESS_OFFICE, ScopeKind.TOWNSHIP, towns[0].id, "甲镇人大办"),
            "chen": Post(Role.PRESIDIUM_CHAIR, ScopeKind.TOWNSHIP, towns[0].id, "甲镇人大"),
            "lena": Post(Role.LEADER, ScopeKind.COUNTY, county.id, "县人大常委会"),
            "gina": Post(Role.GOVERNMENT_OFFICE, ScopeKind.TOWNSHIP, towns[0].id, "甲镇政府办"),
        }
        accounts = {
            name: (await service.open_account(tx, name=name, posts=[post])).id for name, post in posts.items()
        }
        for name, seat in seats.items():
            found = await directory_queries.seat(tx, seat)
            assert found is not None
            assert found[1].account_id is not None
            accounts[name] = found[1].account_id
        people = {}
        for name, account in accounts.items():
            tokens = await logging_in.start_session(tx, AccountId(account))
            people[name] = Token(account, tokens.access_token)
    return County(
        region_id=county.id,
        town_id=towns[0].id,
        congress_id=congresses[0].id,
        unit_id=units[0].id,
        other_unit_id=units[1].id,
        people=people,
        seats=seats,
    )


async def post(
    client: httpx.AsyncClient, path: str, who: Token, body: Any = None, *, key: str | None = None
) -> httpx.Response:
    """POST as that person with a fresh Idempotency-Key, unless one is given."""
    headers = {**who.headers, "Idempotency-Key": key or str(uuid4())}
    return await client.post(path, json=body, headers=headers)


async def get(client: httpx.AsyncClient, path: str, who: Token) -> httpx.Response:
    return await client.get(path, headers=who.headers)
