"""微实事: to a unit and back, in time or with more time, and never an accusation."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from app.accounts.actor import Post
from app.accounts.permissions import Role, ScopeKind
from app.infra.db import sql
from tests.conftest import MovableClock
from tests.opinions.desk import OPINIONS, act, done, follow, look, speak
from tests.people import get
from tests.stations.network import Network, log_in

DONE = {"content": "路灯已修好，共换灯泡三只。"}
OPEN = text("SELECT kind, last_day, unit_id FROM deadlines WHERE root_id = :id AND stopped_at IS NULL")


async def referred(client: httpx.AsyncClient, network: Network, **more: Any) -> tuple[str, str]:
    id, receipt = await speak(client, network, **more)
    unit = {"unit_id": str(network.county.unit_id)}
    assert (await done(client, network, "carol", id, "referral", unit))["state"] == "referred"
    return id, receipt


async def clocks(network: Network, id: str) -> dict[str, str]:
    """kind → last day of what runs."""
    async with network.database.unit(network.tenant, write=False) as tx:
        return {row.kind: row.last_day.isoformat() for row in await sql(tx, OPEN, {"id": id})}


async def test_from_the_office_to_the_unit_to_the_residents_page(
    client: httpx.AsyncClient, network: Network
) -> None:
    id, receipt = await referred(client, network)
    assert await clocks(network, id) == {"micro_matter": "2026-12-02", "micro_return": "2026-11-27"}

    assert (await done(client, network, "bob", id, "referral/acceptance"))["state"] == "handling"
    assert await clocks(network, id) == {"micro_matter": "2026-12-02"}
    assert (await done(client, network, "bob", id, "referral/reply", DONE))["state"] == "answered"

    assert await clocks(network, id) == {"told_back": "2026-12-02"}
    seen = await follow(client, receipt)
    assert (seen["result"]["content"], seen["result"]["by"]) == (DONE["content"], "县水务局")
    acts = [entry["act"] for entry in seen["timeline"]]
    assert acts == ["receive", "referral", "referral_acceptance", "referral_reply"]


async def test_only_the_unit_that_has_it_sees_it_and_acts(
    client: httpx.AsyncClient, network: Network
) -> None:
    id, _ = await speak(client, network)
    assert (await look(client, network, "bob", id)).status_code == 404
    unit = {"unit_id": str(network.county.unit_id)}
    await done(client, network, "carol", id, "referral", unit)

    assert (await look(client, network, "bob", id)).status_code == 200
    listed = (await get(client, OPINIONS, network["bob"])).json()["items"]
    assert [item["id"] for item in listed] == [id]
    assert (await look(client, network, "bruno", id)).status_code == 404
    assert (await act(client, network, "bruno", id, "referral/acceptance")).status_code == 404
    assert (await act(client, network, "alice", id, "referral/acceptance")).status_code == 403


async def test_handed_back_it_waits_for_the_office_with_a_new_clock(
    client: httpx.AsyncClient, network: Network, clock: MovableClock
) -> None:
    id, receipt = await referred(client, network)
    clock.now += timedelta(days=1)
    back = await done(client, network, "bob", id, "referral/return", {"reason": "路灯归住建局"})

    assert back == {"id": id, "state": "received"}
    assert (await look(client, network, "bob", id)).status_code == 404
    assert await clocks(network, id) == {"triage": "2026-12-01"}
    assert (await follow(client, receipt))["state"] == "received"
    other = {"unit_id": str(network.county.other_unit_id)}
    assert (await done(client, network, "carol", id, "referral", other))["state"] == "referred"
    assert (await look(client, network, "bruno", id)).status_code == 200


async def test_after_two_working_days_or_a_signature_there_is_no_way_back(
    client: httpx.AsyncClient, network: Network, clock: MovableClock
) -> None:
    late, _ = await referred(client, network)
    signed, _ = await referred(client, network, content="水管漏水。")
    await done(client, network, "bob", signed, "referral/acceptance")
    refused = await act(client, network, "bob", signed, "referral/return", {"reason": "不归我们"})
    assert (refused.status_code, refused.json()["code"]) == (409, "step-not-allowed")

    clock.now += timedelta(days=3)  # Saturday: the window ended on Friday at midnight
    refused = await act(client, network, "bob", late, "referral/return", {"reason": "不归我们"})
    assert (refused.status_code, refused.json()["code"]) == (409, "return-too-late")


@pytest.mark.parametrize(("agree", "last_day"), [(True, "2026-12-10"), (False, "2026-12-02")])
async def test_the_office_decides_on_more_time(
    client: httpx.AsyncClient, network: Network, agree: bool, last_day: str
) -> None:
    id, _ = await referred(client, network)
    await done(client, network, "bob", id, "referral/acceptance")
    asked = {"until": "2026-12-10", "reason": "等待灯具到货"}
    await done(client, network, "bob", id, "referral/extension-request", asked)
    assert set(await clocks(network, id)) == {"micro_matter", "extension_decision"}
    twice = await act(client, network, "bob", id, "referral/extension-request", asked)
    assert twice.json()["code"] == "extension-asked-already"

    decision = {"agree": agree, "reason": "情况属实"}
    await done(client, network, "carol", id, "referral/extension-decision", decision)

    assert await clocks(network, id) == {"micro_matter": last_day}
    again = await act(client, network, "carol", id, "referral/extension-decision", decision)
    assert again.json()["code"] == "extension-not-asked"


async def test_more_than_ten_working_days_more_cannot_even_be_asked_for(
    client: httpx.AsyncClient, network: Network
) -> None:
    id, _ = await referred(client, network)
    await done(client, network, "bob", id, "referral/acceptance")
    asked = {"until": "2026-12-17", "reason": "等待灯具到货"}
    refused = await act(client, network, "bob", id, "referral/extension-request", asked)

    assert refused.status_code == 409, refused.text
    assert await clocks(network, id) == {"micro_matter": "2026-12-02"}


async def test_once_the_old_date_is_over_more_time_is_refused_and_the_lateness_stays(
    client: httpx.AsyncClient, network: Network, clock: MovableClock
) -> None:
    id, _ = await referred(client, network)
    await done(client, network, "bob", id, "referral/acceptance")
    asked = {"until": "2026-12-10", "reason": "等待灯具到货"}
    await done(client, network, "bob", id, "referral/extension-request", asked)
    clock.now += timedelta(days=8)  # Thursday, 3 December

    agreed = {"agree": True, "reason": "情况属实"}
    refused = await act(client, network, "carol", id, "referral/extension-decision", agreed)
    assert refused.status_code == 409
    assert (await clocks(network, id))["micro_matter"] == "2026-12-02"


async def test_an_answer_ends_the_request_for_more_time(client: httpx.AsyncClient, network: Network) -> None:
    id, _ = await referred(client, network)
    await done(client, network, "bob", id, "referral/acceptance")
    asked = {"until": "2026-12-10", "reason": "等待灯具到货"}
    await done(client, network, "bob", id, "referral/extension-request", asked)
    await done(client, network, "bob", id, "referral/reply", DONE)

    assert await clocks(network, id) == {"told_back": "2026-12-02"}


@pytest.mark.parametrize("more", [{"content": "村支书收受好处。"}, {"category": "conduct"}])
async def test_an_accusation_goes_to_no_unit(
    client: httpx.AsyncClient, network: Network, more: dict[str, Any]
) -> None:
    id, _ = await speak(client, network, **more)
    unit = {"unit_id": str(network.county.unit_id)}
    refused = await act(client, network, "carol", id, "referral", unit)
    assert (refused.status_code, refused.json()["code"]) == (409, "accusation-stays")


@pytest.mark.parametrize(
    ("tick", "confidential", "shown"), [(True, False, True), (False, False, False), (True, True, False)]
)
async def test_the_unit_learns_the_name_only_with_the_tick(
    client: httpx.AsyncClient, network: Network, tick: bool, confidential: bool, shown: bool
) -> None:
    contact = {"name": "王小明", "phone": "13800001234", "share_with_unit": tick}
    id, _ = await referred(client, network, contact=contact, confidential=confidential)

    seen = (await look(client, network, "bob", id)).json()
    revealed = (
        await act(client, network, "bob", id, "referral/contact-reveal", {"reason": "上门查看"})
    ).json()

    assert (seen["contact"] is not None, revealed is not None) == (shown, shown)
    if shown:
        assert (seen["contact"]["phone"], revealed["phone"]) == ("138****1234", "13800001234")


async def test_of_a_confidential_one_the_unit_sees_the_matter_alone(
    client: httpx.AsyncClient, network: Network
) -> None:
    id, _ = await referred(client, network, confidential=True, place="村东第三家")
    seen = (await look(client, network, "bob", id)).json()

    assert seen["content"]
    hidden = ("station_id", "place", "photos", "messages", "contact")
    assert [seen[name] for name in hidden] == [None, None, [], [], None]
    assert "群众本人" not in str(seen)
    assert (await look(client, network, "carol", id)).json()["place"] == "村东第三家"


async def test_who_referred_it_does_not_handle_it_for_the_unit(
    client: httpx.AsyncClient, network: Network
) -> None:
    """回避: one person with a post on both sides acts on one side only."""
    both = await log_in(
        network.database,
        network.tenant,
        "zhou",
        Post(Role.CONGRESS_OFFICE, ScopeKind.TOWNSHIP, network.county.town_id, "甲镇人大办"),
        Post(Role.UNIT_OFFICER, ScopeKind.UNIT, network.county.unit_id, "县水务局"),
    )
    network.people["zhou"] = both
    id, _ = await speak(client, network)
    await done(client, network, "zhou", id, "referral", {"unit_id": str(network.county.unit_id)})

    refused = await act(client, network, "zhou", id, "referral/acceptance")
    assert (refused.status_code, refused.json()["code"]) == (403, "recused")


async def test_an_unknown_unit_is_named_as_such(client: httpx.AsyncClient, network: Network) -> None:
    id, _ = await speak(client, network)
    refused = await act(client, network, "carol", id, "referral", {"unit_id": id})
    assert (refused.status_code, refused.json()["code"]) == (422, "unit-unknown")
