import pytest

from app.infra.db import Database
from app.infra.tenants import Tenant
from tests.people import County
from tests.stations.network import Network, found_network


@pytest.fixture
async def network(database: Database, tenant: Tenant, county: County) -> Network:
    """The county's stations, keepers and offices: see tests/stations/network.py."""
    return await found_network(database, tenant, county)
