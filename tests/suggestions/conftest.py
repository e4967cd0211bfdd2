"""A desk for each test, and one more delegate of the same congress to co-sign."""

from uuid import UUID

import httpx
import pytest

from app.accounts import logging_in
from app.accounts.models import AccountId
from app.directory import queries as directory_queries
from app.directory import service as directory
from app.directory.models import Congress
from app.directory.service import Seat
from app.infra.db import Database
from app.infra.tenants import Tenant
from tests.people import County, Token
from tests.suggestions.desk import Desk


@pytest.fixture
def desk(client: httpx.AsyncClient, county: County) -> Desk:
    return Desk(client, county)


async def seat_delegate(database: Database, tenant: Tenant, county: County, name: str, phone: str) -> UUID:
    """One more delegate of 甲镇 with an account; also under that name in `county.people`."""
    async with database.unit(tenant) as tx:
        congress = await tx.get_one(Congress, county.congress_id)
        await directory.seat(tx, congress, Seat(name=name, term=18, phone=phone, district="第二选区"))
        [row] = await directory_queries.delegates(tx, limit=1, name=name)
        found = await directory_queries.seat(tx, row.id)
        assert found is not None
        account = found[1].account_id
        assert account is not None
        tokens = await logging_in.start_session(tx, AccountId(account))
    county.people[name] = Token(account, tokens.access_token)
    county.seats[name] = row.id
    seated: UUID = row.id
    return seated
