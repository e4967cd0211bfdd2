from datetime import datetime, timedelta, UTC
import os, pytest
from tests.demo.conftest import APPID, passwords
from app.demo.seed import seed
from tests.demo.test_seed import live_reply, run, rung
D=["2026-09-29T01:00","2026-02-14T16:30","2026-02-20T04:00","2026-03-02T16:01","2027-01-03T03:00","2027-02-10T05:00","2027-10-05T15:59","2028-02-29T08:00","2026-05-10T06:00","2026-12-31T15:00"]
@pytest.mark.parametrize("d", D)
@pytest.mark.parametrize("scale", [0.01] if "BIG" not in os.environ else [1.0])
async def test_now(database, tenant, clock, d, scale):
    now=datetime.fromisoformat(d+"+00:00"); made=passwords()
    demo=await seed(database, tenant, now=now, passwords=lambda: next(made), appid=APPID, scale=scale)
    live = await live_reply(database, tenant, demo)
    print(d, live.due_at-now)
    clock.now = now
    await run(database, tenant, clock)
    assert await rung(database, tenant, "officer") == []
    clock.now = live.due_at + timedelta(hours=3)
    await run(database, tenant, clock)
    assert await rung(database, tenant, "officer") == [("overdue", live.id)]
