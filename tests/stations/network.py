"""A county with stations: two of Carol's town, one of the other, with their keepers and offices."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlmodel import select

from app.accounts import logging_in, service
from app.accounts.actor import Post
from app.accounts.models import AccountId
from app.accounts.permissions import Role, ScopeKind
from app.directory.models import Region
from app.infra.db import Database
from app.infra.tenants import Tenant
from app.kernel.clock import machine_now
from app.stations.models import LiaisonStation
from app.uploads.models import Upload
from tests.people import County, Token

LAT, LNG = 22.768312, 111.569874  # WGS-84; where the first station stands


@dataclass(frozen=True)
class Network:
    """`people` adds to the county's: kim keeps `station`, kai `other`; cora is the county's office,
    otto the other town's; sam administers."""

    county: County
    database: Database
    tenant: Tenant
    other_town_id: UUID
    station: LiaisonStation
    other: LiaisonStation
    people: dict[str, Token] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Token:
        return self.people[name] if name in self.people else self.county[name]

    @property
    def path(self) -> str:
        return f"/api/v1/stations/{self.station.id}"


async def found_network(database: Database, tenant: Tenant, county: County) -> Network:
    async with database.unit(tenant) as tx:
        towns = (await tx.exec(select(Region).where(Region.kind == "township"))).all()
        [other_town] = [town.id for town in towns if town.id != county.town_id]
        mine = LiaisonStation(
            name="甲镇中心联络站", tier="center", region_id=county.town_id, lat=LAT, lng=LNG
        )
        other = LiaisonStation(name="乙镇联络站", tier="station", region_id=other_town)
        tx.add_all([mine, other])
        await tx.flush()
    network = Network(county, database, tenant, other_town, mine, other)
    for name, post in {
        "kim": Post(Role.STATION_KEEPER, ScopeKind.STATION, mine.id, mine.name),
        "kai": Post(Role.STATION_KEEPER, ScopeKind.STATION, other.id, other.name),
        "cora": Post(Role.CONGRESS_OFFICE, ScopeKind.COUNTY, county.region_id, "县人大代表工委"),
        "otto": Post(Role.CONGRESS_OFFICE, ScopeKind.TOWNSHIP, other_town, "乙镇人大办"),
        "sam": Post(Role.SYSADMIN, ScopeKind.COUNTY, county.region_id),
    }.items():
        network.people[name] = await log_in(database, tenant, name, post)
    return network


async def log_in(database: Database, tenant: Tenant, name: str, *posts: Post) -> Token:
    """A new person with these posts."""
    async with database.unit(tenant) as tx:
        account = (await service.open_account(tx, name=name, posts=list(posts))).id
        tokens = await logging_in.start_session(tx, AccountId(account))
    return Token(account, tokens.access_token)


async def put(
    client: httpx.AsyncClient, path: str, who: Token, body: Any, *, etag: str | None
) -> httpx.Response:
    headers = {**who.headers, **({"If-Match": etag} if etag else {})}
    return await client.put(path, json=body, headers=headers)


def a_check_in(**facts: Any) -> dict[str, Any]:
    return {"client_id": str(uuid4()), **facts}


def at(metres_north: float = 0, *, accuracy: float | None = 10) -> dict[str, Any]:
    """A position so far north of the first station."""
    lat = LAT + metres_north / 111_195
    return {"lat": lat, "lng": LNG, "accuracy": accuracy, "system": "wgs84"}


async def a_photo(database: Database, tenant: Tenant, owner: str) -> UUID:
    """A picture that was sent a moment ago and belongs to nothing yet."""
    async with database.unit(tenant) as tx:
        upload = Upload(
            owner=owner,
            source_sha256=uuid4().bytes,
            sha256=uuid4().hex,
            thumbnail_sha256=uuid4().hex,
            media_type="image/jpeg",
            width=10,
            height=10,
            created_at=machine_now(),
        )
        tx.add(upload)
    return upload.id
