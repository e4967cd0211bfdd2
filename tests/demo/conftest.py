"""A small demo county, founded anew for each test."""

from collections.abc import Iterator
from itertools import count

import pytest

from app.demo.facts import DemoCounty
from app.demo.seed import seed
from app.infra.db import Database
from app.infra.tenants import Tenant
from tests.conftest import NOW

APPID = "wxfake0000000001"
SMALL = 0.01  # everything still occurs


def passwords() -> Iterator[str]:
    return (f"Demo-pass-{n}" for n in count(1))


@pytest.fixture
async def demo(database: Database, tenant: Tenant) -> DemoCounty:
    made = passwords()
    return await seed(database, tenant, now=NOW, passwords=lambda: next(made), appid=APPID, scale=SMALL)
