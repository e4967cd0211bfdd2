"""A desk whose suggestions the figures count, and the county's own office (cora)."""

import httpx
import pytest

from app.accounts.actor import Post
from app.accounts.permissions import Role, ScopeKind
from app.infra.db import Database
from app.infra.tenants import Tenant
from tests.people import County
from tests.stations.network import Network, found_network, log_in
from tests.suggestions.desk import Desk


@pytest.fixture
async def desk(client: httpx.AsyncClient, county: County, database: Database, tenant: Tenant) -> Desk:
    posts = {
        "cora": Post(Role.CONGRESS_OFFICE, ScopeKind.COUNTY, county.region_id, "县人大代表工委"),
        "clara": Post(Role.CONGRESS_OFFICE, ScopeKind.TOWNSHIP, county.town_id, "甲镇人大办"),
    }
    for name, held in posts.items():
        county.people[name] = await log_in(database, tenant, name, held)
    return Desk(client, county)


@pytest.fixture
async def network(database: Database, tenant: Tenant, county: County) -> Network:
    """The county's stations, keepers and offices: see tests/stations/network.py."""
    return await found_network(database, tenant, county)
