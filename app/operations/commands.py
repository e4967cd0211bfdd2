"""What the command line does: one function a command, without printing."""

import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import date
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from app.accounts import passwords
from app.accounts import queries as account_queries
from app.accounts import service as accounts
from app.accounts.actor import Post
from app.accounts.permissions import SEPARATED, Role, ScopeKind
from app.deadlines import calendars
from app.infra import audit, migrations
from app.infra.anchors import Anchors
from app.infra.crypto import new_key_setting
from app.infra.db import Database
from app.infra.embedded import EmbeddedPostgres
from app.infra.provisioning import OWNER
from app.infra.tenants import Tenant
from app.kernel.clock import local_date, machine_now
from app.kernel.errors import Conflict, Invalid
from app.operations import changing_term
from app.operations.assembly import assembled, keyring_of
from app.operations.changing_term import TermChange
from app.operations.findings import Finding
from app.operations.importing import run_import
from app.operations.importing_ground import congress_of
from app.operations.importing_rows import ImportReport, Options, Progress
from app.operations.verification import verify
from app.partners import service as partners
from app.settings import Settings
from app.uploads.storage import Stores


class TenantUnclear(Invalid):
    code = "tenant-unclear"

    def __init__(self) -> None:
        super().__init__("有多个县，请用 --tenant 指明")


class RoleUnfit(Invalid):
    code = "role-unfit"

    def __init__(self) -> None:
        super().__init__("这里只能建立三员账号：sysadmin、secadmin 或 auditor", field="role")


class UsernameTaken(Conflict):
    code = "username-taken"

    def __init__(self, username: str) -> None:
        super().__init__(f"用户名 {username} 已有人使用，请换一个", field="username")


@asynccontextmanager
async def owner_dsn(settings: Settings) -> AsyncIterator[str]:
    """The owner's way in: DATABASE_OWNER_URL, or the embedded server's owner role."""
    if settings.database_owner_url:
        yield settings.database_owner_url
        return
    if settings.database_url:
        raise Invalid("迁移需要数据库属主：请设置 DATABASE_OWNER_URL")
    server = EmbeddedPostgres(settings.var_dir / "postgres")
    server.start()
    try:
        yield server.dsn(role=OWNER)
    finally:
        server.release()


async def migrate(settings: Settings) -> list[str]:
    async with owner_dsn(settings) as dsn:
        return await migrations.migrate_all(dsn)


async def add_county(settings: Settings, slug: str, name: str, hosts: tuple[str, ...]) -> None:
    """Schema, tables, grants, registry row, seeded calendar; safe to repeat."""
    async with owner_dsn(settings) as dsn:
        await migrations.add_tenant(dsn, slug, name=name, hosts=hosts)
    async with assembled(settings) as process:
        tenant = await _tenant(process.database, slug)
        async with process.database.unit(tenant) as tx:
            await calendars.seed(tx, now=machine_now())


async def counties(settings: Settings) -> Sequence[Tenant]:
    async with assembled(settings) as process:
        return (await process.database.tenants()).all()


async def _tenant(database: Database, slug: str) -> Tenant:
    registry = await database.tenants()
    named = [tenant for tenant in registry.all() if slug in ("", tenant.slug)]
    if len(named) != 1:
        raise TenantUnclear
    return named[0]


async def create_admin(
    settings: Settings, slug: str, username: str, name: str, role: str, password: str
) -> None:
    if role not in SEPARATED:
        raise RoleUnfit
    passwords.check_fit(password)
    hashed = await passwords.hash_password(password)
    async with assembled(settings) as process:
        tenant = await _tenant(process.database, slug)
        async with process.database.unit(tenant) as tx:
            if await account_queries.by_username(tx, username) is not None:
                raise UsernameTaken(username)
            post = Post(Role(role), ScopeKind.COUNTY)
            account = await accounts.open_account(
                tx, name=name, posts=[post], username=username, password_hash=hashed
            )
            audit.note(
                tx,
                "account.opened",
                actor="system",
                subject_kind="account",
                subject_id=account.id,
                now=machine_now(),
                fields=["username", "role"],
            )


async def verify_audit(settings: Settings, slug: str) -> tuple[int, list[str]]:
    async with assembled(settings) as process:
        tenant = await _tenant(process.database, slug)
        anchors: Anchors = process.outside[Anchors]
        async with process.database.unit(tenant, write=False) as tx:
            return await audit.verify(tx, anchors.newest(tenant.slug))


async def add_partner(settings: Settings, slug: str, name: str, scopes: list[str]) -> tuple[str, str]:
    async with assembled(settings) as process:
        tenant = await _tenant(process.database, slug)
        async with process.database.unit(tenant) as tx:
            return await partners.add_partner(tx, name=name, scopes=scopes)


async def import_file(
    settings: Settings, slug: str, kind: str, path: Path, options: Options, progress: Progress
) -> ImportReport:
    """One file into one county; what is wrong with the file or an option is raised before any write."""
    async with assembled(settings) as process:
        tenant = await _tenant(process.database, slug)
        return await run_import(kind, path, process.database, tenant, await process.now(), options, progress)


class _Undo(Exception):
    """Ends a dry run's transaction without a trace."""


async def change_term(
    settings: Settings, slug: str, congress: str, term: int, on: date | None, *, dry_run: bool
) -> TermChange:
    """One congress enters a new term, whole or not at all. `on`: local day, by default today."""
    async with assembled(settings) as process:
        tenant, now = await _tenant(process.database, slug), await process.now()
        with suppress(_Undo):
            async with process.database.unit(tenant) as tx:
                found = await congress_of(tx, congress)
                done = await changing_term.change_term(
                    tx, found, term=term, on=on or local_date(now), now=now
                )
                if dry_run:
                    raise _Undo
        return done


async def verify_county(settings: Settings, slug: str) -> list[Finding]:
    """The invariants of one county, as its rows and files stand."""
    async with assembled(settings) as process:
        tenant = await _tenant(process.database, slug)
        stores: Stores = process.outside[Stores]
        return await verify(process.database, tenant, await process.now(), stores)


FACES = {
    "public": ("/api/public/", "居民接口，无需登录"),
    "app": ("/api/v1/", "代表、人大机关、承办单位"),
    "partner": ("/api/partner/", "第三方系统"),
}


def export_openapi(create: Callable[..., FastAPI], folder: Path) -> list[Path]:
    """Write public.json, app.json and partner.json as the application makes them."""
    folder.mkdir(exist_ok=True)
    written = []
    for name, document in openapi_documents(create).items():
        path = folder / f"{name}.json"
        path.write_text(json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
        written.append(path)
    return written


def openapi_documents(create: Callable[..., FastAPI]) -> dict[str, dict[str, Any]]:
    """One document a face; needs no database."""
    keys = {name: new_key_setting() for name in ("token_keys", "field_keys", "index_key")}
    settings = Settings(_env_file=None, **keys)  # type: ignore[call-arg,arg-type]
    database = Database("postgresql://nobody@/none", keyring=keyring_of(settings))
    whole = create(settings, database).openapi()
    return {name: _face(whole, prefix, title) for name, (prefix, title) in FACES.items()}


def _face(whole: dict[str, Any], prefix: str, title: str) -> dict[str, Any]:
    paths = {path: item for path, item in whole["paths"].items() if path.startswith(prefix)}
    every = whole.get("components", {}).get("schemas", {})
    used = _schemas_used(paths, every)
    components = {**whole.get("components", {}), "schemas": {n: every[n] for n in sorted(used)}}
    info = {**whole["info"], "title": f"联络 Lianluo：{title}"}
    return {**whole, "info": info, "paths": paths, "components": components}


def _schemas_used(node: Any, every: dict[str, Any]) -> set[str]:
    found: set[str] = set()
    waiting = [node]
    while waiting:
        for name in _references(waiting.pop()) - found:
            found.add(name)
            waiting.append(every[name])
    return found


def _references(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"].rsplit("/", 1)[-1]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*(_references(value) for value in node.values()))
    if isinstance(node, list):
        return set().union(*(_references(value) for value in node))
    return set()
