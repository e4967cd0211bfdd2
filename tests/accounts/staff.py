"""Staff who log in with name and password, and what tests do with their log-ins."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text

from app.accounts import passwords, service
from app.accounts.actor import Post
from app.accounts.permissions import Role, ScopeKind
from app.infra.db import Database, sql
from app.infra.tenants import Tenant

PASSWORD = "Right-12345"
# What can be done to a row that machine time cannot be asked to do.
AGE = {
    "login_attempts": text("UPDATE login_attempts SET locked_until = locked_until - CAST(:by AS interval)"),
    "refresh_tokens": text("UPDATE refresh_tokens SET used_at = used_at - CAST(:by AS interval)"),
    "login_sessions": text("UPDATE login_sessions SET expires_at = expires_at - CAST(:by AS interval)"),
}


@dataclass(frozen=True)
class Clerk:
    id: UUID
    username: str


async def hire(database: Database, tenant: Tenant, username: str = "carol", **post: Any) -> Clerk:
    """An office's clerk who may log in with PASSWORD."""
    hashed = await passwords.hash_password(PASSWORD)
    held = Post(**{"role": Role.CONGRESS_OFFICE, "scope_kind": ScopeKind.COUNTY, **post})
    async with database.unit(tenant) as tx:
        account = await service.open_account(
            tx, name="卡罗尔", posts=[held], username=username, password_hash=hashed
        )
    return Clerk(account.id, username)


async def log_in(client: httpx.AsyncClient, username: str, password: str = PASSWORD) -> httpx.Response:
    body = {"username": username, "password": password}
    return await client.post("/api/v1/auth/password", json=body)


async def refresh(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.post("/api/v1/auth/refresh", json={"refresh_token": token})


async def me(client: httpx.AsyncClient, access: str) -> httpx.Response:
    return await client.get("/api/v1/me", headers={"Authorization": f"Bearer {access}"})


async def age(database: Database, tenant: Tenant, table: str, by: timedelta) -> None:
    async with database.unit(tenant) as tx:
        await sql(tx, AGE[table], {"by": by})


def code(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["code"]
