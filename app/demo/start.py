"""The first start founds the county and writes `var/demo.json`; later ones renew its addresses."""

import json
import secrets
from pathlib import Path
from typing import Any

from rich.console import Console

from app.demo.keys import write_private
from app.demo.seed import seed
from app.demo.wechat import APPID
from app.infra.db import Database
from app.infra.tenants import Tenant
from app.kernel.clock import machine_now


def new_password() -> str:
    """Three of four character classes, 96 random bits."""
    return f"Demo-{secrets.token_urlsafe(12)}"


async def seed_once(database: Database, tenant: Tenant, var: Path, base_url: str) -> None:
    path = var / "demo.json"
    if path.exists():
        write_private(path, readdressed(json.loads(path.read_text()), base_url))
        return
    Console().print("首次启动：生成示例县一年的演示数据（约一分钟）…")
    county = await seed(database, tenant, now=machine_now(), passwords=new_password, appid=APPID)
    write_private(path, county.as_json(base_url))


def readdressed(facts: dict[str, Any], base_url: str) -> dict[str, Any]:
    """The same facts for another port."""
    stations = [{**s, "url": f"{base_url}/s/{s['code']}"} for s in facts["stations"]]
    return {**facts, "base_url": base_url, "docs_url": f"{base_url}/docs", "stations": stations}
