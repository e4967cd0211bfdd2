"""A reply reaches the lead and every confirmed co-signer; who declined hears nothing more."""

from app.infra import outbox
from app.infra.db import Database
from app.infra.tenants import Tenant
from app.notifications.jobs import read_feed
from tests.conftest import MovableClock
from tests.people import get
from tests.suggestions.conftest import seat_delegate
from tests.suggestions.desk import Desk


async def relayed(database: Database, tenant: Tenant, clock: MovableClock) -> None:
    """Everything that has happened has been turned into inbox items."""
    for job in (outbox.number, read_feed):
        while True:
            async with database.unit(tenant) as tx:
                if not await job(tx, clock.now):
                    break


async def titles(desk: Desk, who: str) -> list[str]:
    inbox = await get(desk.client, "/api/v1/inbox", desk.county[who])
    return [item["title"] for item in inbox.json()["items"]]


async def test_a_reply_is_told_to_the_lead_and_every_cosigner(
    desk: Desk, database: Database, tenant: Tenant, clock: MovableClock
) -> None:
    erin = await seat_delegate(database, tenant, desk.county, "erin", "13800000003")
    frank = await seat_delegate(database, tenant, desk.county, "frank", "13800000004")
    await desk.drafted(cosigner_ids=[str(erin), str(frank)])
    await desk.done("alice", "submission")
    await relayed(database, tenant, clock)
    assert len(await titles(desk, "erin")) == len(await titles(desk, "frank")) == 1  # asked to sign
    await desk.done("erin", "cosignature", {"agree": True})
    await desk.done("frank", "cosignature", {"agree": False})
    await desk.done("carol", "review", {"decision": "accept"})
    await desk.done("chen", "assignment", {"lead_unit_id": str(desk.county.unit_id)})
    await desk.done("bob", "acceptance")
    await desk.answered()
    await relayed(database, tenant, clock)
    assert "建议已答复" in await titles(desk, "alice")
    assert "建议已答复" in await titles(desk, "erin")
    assert "建议已答复" not in await titles(desk, "frank")
    assert "建议已答复" not in await titles(desk, "bob")
