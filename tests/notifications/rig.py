"""A county with phones, and the jobs rung by hand."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text
from sqlmodel import col, select

from app.alerts.jobs import cross_lines
from app.deadlines.lines import Kind
from app.deadlines.models import Deadline
from app.fakes.wechat.subscriptions import Template
from app.fakes.wechat.world import World
from app.infra import outbox
from app.infra.db import Database, sql
from app.infra.jobs import Work
from app.infra.tenants import Tenant
from app.notifications import delivering
from app.notifications.jobs import read_feed
from app.notifications.models import Delivery
from tests.conftest import MovableClock
from tests.people import County, get, post

CONTENT = "事项:{{thing1.DATA}}\n日期:{{date2.DATA}}\n请您:{{thing3.DATA}}\n"
DUE_SOON = Template("tpl-due-soon", "办理期限提醒", CONTENT)
OVERDUE = Template("tpl-overdue", "办理逾期提醒", CONTENT)

# The unit signs within three working days of Wednesday 25 November: till Monday the 30th.
MIDNIGHT = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)  # 00:00 on 1 December in Shanghai
OPENING = MIDNIGHT + timedelta(hours=8)
# What waited for the opening goes out within the 24 minutes after it, each person in a minute of their own.
EIGHT = OPENING + timedelta(minutes=29)
MOST_ROUNDS = 200
TITLE = "关于修缮甲镇灌溉水渠的建议"
DRAFT = {
    "title": TITLE,
    "situation": "甲镇东片水渠多处坍塌，近三年春灌时下游百余亩稻田缺水。",
    "proposal": "建议水务部门在明年春耕前完成清淤和加固。",
}


async def no_pause(seconds: float) -> None:
    await asyncio.sleep(0)


@dataclass
class Rig:
    database: Database
    tenant: Tenant
    county: County
    clock: MovableClock
    client: httpx.AsyncClient
    world: World
    outside: dict[type, Any]

    @property
    def work(self) -> Work:
        return Work(self.database, self.tenant, self.clock, self.outside)

    async def act(self, path: str, who: str, body: Any = None) -> dict[str, Any]:
        answer = await post(self.client, path, self.county[who], body)
        assert answer.is_success, answer.text
        return dict(answer.json())

    async def get(self, path: str, who: str) -> dict[str, Any]:
        answer = await get(self.client, path, self.county[who])
        assert answer.is_success, answer.text
        return dict(answer.json())

    async def assigned(self, **draft: Any) -> str:
        """The path of a suggestion just handed to the water office (bob, bella)."""
        made = await self.act("/api/v1/suggestions", "alice", {**DRAFT, **draft})
        path = f"/api/v1/suggestions/{made['id']}"
        await self.act(f"{path}/submission", "alice")
        await self.act(f"{path}/review", "carol", {"decision": "accept"})
        await self.act(f"{path}/assignment", "chen", {"lead_unit_id": str(self.county.unit_id)})
        return path

    async def sweep(self) -> None:
        async with self.database.unit(self.tenant) as tx:
            await cross_lines(tx, self.clock.now)

    async def number(self) -> None:
        """Events wait for every older transaction on the server, other tests' too."""
        for _ in range(MOST_ROUNDS):
            async with self.database.unit(self.tenant) as tx:
                await outbox.number(tx, self.clock.now)
                unnumbered = await sql(tx, text("SELECT count(*) FROM outbox WHERE seq IS NULL"))
                if unnumbered.scalar_one() == 0:
                    return
            await asyncio.sleep(0.05)
        raise AssertionError("events were never numbered")

    async def read_feed(self) -> None:
        await self.number()
        async with self.database.unit(self.tenant) as tx:
            await read_feed(tx, self.clock.now)

    async def notice(self, at: datetime) -> None:
        """Business time is `at`; lines are crossed and deliveries made."""
        self.clock.now = at
        await self.sweep()
        await self.read_feed()

    async def deliver(self, **how: Any) -> int:
        return await delivering.deliver(self.work, **how)

    async def machine_time_passes(self) -> None:
        """Whatever waits for a later attempt need wait no more."""
        async with self.database.unit(self.tenant) as tx:
            await sql(tx, text("UPDATE deliveries SET available_at = available_at - interval '2 days'"))
            await sql(tx, text("UPDATE channel_circuits SET open_until = open_until - interval '2 days'"))

    def pushed(self, who: str, line: str = "overdue") -> list[dict[str, Any]]:
        return [m for m in self.world.messages(f"o{who}") if m["line"] == line]

    async def delivery(self, who: str, *, line: str = "overdue", channel: str = "wechat") -> Delivery:
        [found] = await self.deliveries(who, line=line, channel=channel)
        return found

    async def deliveries(self, who: str, *, line: str, channel: str) -> list[Delivery]:
        async with self.database.unit(self.tenant) as tx:
            rows = await tx.exec(
                select(Delivery)
                .where(Delivery.line == line, Delivery.channel == channel)
                .where(Delivery.account_id == self.county[who].account_id)
            )
            return list(rows.all())

    async def clock_of(self, kind: Kind) -> Deadline:
        async with self.database.unit(self.tenant) as tx:
            rows = await tx.exec(select(Deadline).where(Deadline.kind == kind).order_by(col(Deadline.id)))
            return rows.one()


def id_of(path: str) -> UUID:
    return UUID(path.rpartition("/")[2])
