from collections.abc import AsyncIterator

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from app.infra.db import Database
from app.infra.tenants import Tenant


@pytest.fixture
async def tx(database: Database, tenant: Tenant) -> AsyncIterator[AsyncSession]:
    """One unit of work of county alpha; the tables are emptied afterwards."""
    async with database.unit(tenant) as unit:
        yield unit
