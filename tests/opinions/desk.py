"""A resident speaks, the office's people act: what the tests of opinions have in common."""

from typing import Any
from uuid import uuid4

import httpx
from sqlalchemy import text

from app.infra.db import sql
from tests.people import get, post
from tests.stations.network import Network

OPINIONS = "/api/v1/opinions"
WORDS = "村口路灯坏了三个月，晚上没法走路。"


async def speak(client: httpx.AsyncClient, network: Network, **more: Any) -> tuple[str, str]:
    """Leave an opinion at the first station: (id, receipt)."""
    body = {"station_code": network.station.code, "content": WORDS, **more}
    headers = {"Idempotency-Key": str(uuid4())}
    answer = await client.post("/api/public/v1/opinions", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    async with network.database.unit(network.tenant, write=False) as tx:
        newest = text("SELECT id FROM opinions ORDER BY id DESC LIMIT 1")
        return str((await sql(tx, newest)).scalar_one()), answer.json()["receipt"]


async def act(
    client: httpx.AsyncClient, network: Network, who: str, id: str, path: str, body: Any = None
) -> httpx.Response:
    return await post(client, f"{OPINIONS}/{id}/{path}", network[who], body)


async def done(
    client: httpx.AsyncClient, network: Network, who: str, id: str, path: str, body: Any = None
) -> dict[str, Any]:
    """The same, and it went well."""
    answer = await act(client, network, who, id, path, body)
    assert answer.status_code in (200, 201), answer.text
    return dict(answer.json())


async def look(client: httpx.AsyncClient, network: Network, who: str, id: str) -> httpx.Response:
    return await get(client, f"{OPINIONS}/{id}", network[who])


async def follow(client: httpx.AsyncClient, receipt: str) -> dict[str, Any]:
    answer = await client.get(f"/api/public/v1/opinions/{receipt}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def reply_to(client: httpx.AsyncClient, receipt: str, path: str, body: Any) -> httpx.Response:
    """The resident acts on the receipt's page."""
    headers = {"Idempotency-Key": str(uuid4())}
    return await client.post(f"/api/public/v1/opinions/{receipt}/{path}", json=body, headers=headers)
