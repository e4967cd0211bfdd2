"""A partner system of the tests: added, with a token, calling."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

from app.infra.db import Database
from app.infra.tenants import Tenant
from app.partners.service import add_partner

TOKEN = "/api/partner/v1/oauth/token"
ALL = ("events:read", "webhooks:manage")


@dataclass
class Wired:
    """A partner's own client: everything it sends carries its token."""

    http: httpx.AsyncClient
    client_id: str
    client_secret: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def get(self, path: str, **params: Any) -> httpx.Response:
        return await self.http.get(f"/api/partner/v1{path}", params=params, headers=self.headers)

    async def post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        sent = {**self.headers, "Idempotency-Key": str(uuid4()), **headers}
        return await self.http.post(f"/api/partner/v1{path}", json=body, headers=sent)

    async def delete(self, path: str, **headers: str) -> httpx.Response:
        return await self.http.delete(f"/api/partner/v1{path}", headers={**self.headers, **headers})


async def wire_up(
    client: httpx.AsyncClient,
    database: Database,
    tenant: Tenant,
    scopes: Sequence[str] = ALL,
    *,
    name: str = "12345 热线",
    quota: int = 600,
) -> Wired:
    async with database.unit(tenant) as tx:
        client_id, secret = await add_partner(tx, name, scopes, quota=quota)
    answer = await ask(client, client_id, secret)
    return Wired(client, client_id, secret, answer.json()["access_token"])


async def ask(client: httpx.AsyncClient, client_id: str, secret: str, **more: str) -> httpx.Response:
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret, **more}
    return await client.post(TOKEN, data=form)
