"""The pages over HTTP without a browser: an application that keeps photos."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from app.infra.db import Database
from app.infra.tenants import Tenant
from app.settings import Settings
from app.stations.models import LiaisonStation, Tier
from app.uploads.images import ImagePool
from app.uploads.storage import Stores
from tests.conftest import MovableClock, app_with
from tests.people import County


@pytest.fixture
def app(settings: Settings, database: Database, clock: MovableClock, tmp_path: Path) -> FastAPI:
    """As the root's, with a directory for files."""
    return app_with(settings, database, now=clock, outside={Stores: Stores(tmp_path)})


@pytest.fixture
async def decoding(app: FastAPI) -> AsyncIterator[None]:
    """The process that decodes photos, for the tests that send some."""
    pool: ImagePool = app.state.outside[ImagePool]
    pool.start()
    yield
    await pool.stop()


@pytest.fixture
async def station(database: Database, tenant: Tenant, county: County) -> LiaisonStation:
    async with database.unit(tenant) as tx:
        made = LiaisonStation(
            name="第一联络站",
            tier=Tier.STATION,
            region_id=county.town_id,
            address="甲镇文昌路 18 号",
            hours="周一至周五 9:00—17:00",
            phone="0766-0000123",
        )
        tx.add(made)
    return made
