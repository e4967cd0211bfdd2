"""What was promised stands on the receipt's page, and the resident's word on it is kept."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from app.infra.db import sql
from app.kernel.ids import new_id
from tests.conftest import NOW
from tests.opinions.desk import follow, reply_to, speak
from tests.pages.surfing import form_of, press
from tests.stations.network import Network

SUGGESTION = text("""
    INSERT INTO suggestions (id, congress_id, region_id, level, delegate_id, delegate_name, title, situation,
        proposal, raised_in, proposer, origin, confidential, state, revision, created_at)
    VALUES (:id, :congress, :region, 'township', :delegate, 'alice', '关于路灯的建议', '情况', '建议',
        'intersession', 'delegate', 'suggestion', :confidential, 'committed', 1, :at)""")
ASSIGNMENT = text("""
    INSERT INTO assignments (id, suggestion_id, unit_id, unit_name, role, state, round, complex, assigned_on)
    VALUES (:id, :suggestion, :unit, '县住建局', 'lead', 'replied', 1, false, '2026-11-01')""")
REPLY = text("""
    INSERT INTO replies (id, assignment_id, round, content, outcome, disclosure, drafted_by, drafted_at,
        issued_by, issued_at)
    VALUES (:id, :assignment, 1, '将在年底前修好。', 'planned', :disclosure, :by, :at, :by, :at)""")
PROMISE = text("""
    INSERT INTO commitments (id, reply_id, assignment_id, content, due_on, owner, state)
    VALUES (:id, :reply, :assignment, '修好全村路灯', '2026-12-31', '李科长', 'open')""")
BEHIND = text("""
    UPDATE opinions SET suggestion_id = :suggestion, state = 'told', told_at = :at, result = '见答复',
        result_by = '县住建局', result_at = :at WHERE id = :opinion""")


async def promise(
    network: Network, opinion: str, *, disclosure: str = "full", confidential: bool = False
) -> UUID:
    """A suggestion taken up from this opinion, replied to with one promise."""
    suggestion, assignment, reply, made = new_id(), new_id(), new_id(), new_id()
    county = network.county
    facts: dict[str, Any] = {"at": NOW, "by": uuid4()}
    async with network.database.unit(network.tenant) as tx:
        root = {"congress": county.congress_id, "region": county.town_id, "delegate": county.seats["alice"]}
        await sql(tx, SUGGESTION, {**facts, **root, "id": suggestion, "confidential": confidential})
        await sql(tx, ASSIGNMENT, {"id": assignment, "suggestion": suggestion, "unit": county.unit_id})
        await sql(tx, REPLY, {**facts, "id": reply, "assignment": assignment, "disclosure": disclosure})
        await sql(tx, PROMISE, {"id": made, "reply": reply, "assignment": assignment})
        await sql(tx, BEHIND, {"suggestion": suggestion, "at": NOW, "opinion": opinion})
    return made


async def test_the_promise_is_shown_under_the_units_name(client: httpx.AsyncClient, network: Network) -> None:
    id, receipt = await speak(client, network)
    made = await promise(network, id)

    assert (await follow(client, receipt))["commitments"] == [
        {
            "id": str(made),
            "content": "修好全村路灯",
            "due_on": date(2026, 12, 31).isoformat(),
            "owner": "县住建局",
            "kept": None,
            "note": None,
        }
    ]


@pytest.mark.parametrize(
    "hidden", [{"disclosure": "no"}, {"disclosure": "on_request"}, {"confidential": True}]
)
async def test_what_may_not_be_shown_is_not(
    client: httpx.AsyncClient, network: Network, hidden: dict[str, Any]
) -> None:
    id, receipt = await speak(client, network)
    made = await promise(network, id, **hidden)

    assert (await follow(client, receipt))["commitments"] == []
    word = await reply_to(client, receipt, f"commitments/{made}/confirmation", {"kept": True})
    assert (word.status_code, word.json()["code"]) == (404, "commitment-unknown")


async def test_the_residents_word_is_kept_each_time_and_the_newest_stands(
    client: httpx.AsyncClient, network: Network
) -> None:
    id, receipt = await speak(client, network)
    made = await promise(network, id)
    path = f"commitments/{made}/confirmation"

    first = await reply_to(client, receipt, path, {"kept": False, "note": "还有两盏不亮"})
    second = await reply_to(client, receipt, path, {"kept": True})

    assert [a.json()["commitments"][0]["kept"] for a in (first, second)] == [False, True]
    async with network.database.unit(network.tenant, write=False) as tx:
        words = (await sql(tx, text("SELECT kept, note FROM commitment_words ORDER BY id"))).all()
        named = text("SELECT body->>'kept' FROM outbox WHERE name = 'internal.commitment_seen' ORDER BY id")
        events = list((await sql(tx, named)).scalars())
    assert [tuple(word) for word in words] == [(False, "还有两盏不亮"), (True, None)]
    assert events == ["false", "true"]


async def test_another_opinions_promise_is_not_there(client: httpx.AsyncClient, network: Network) -> None:
    id, _ = await speak(client, network)
    made = await promise(network, id)
    _, stranger = await speak(client, network, content="水管漏水。")

    word = await reply_to(client, stranger, f"commitments/{made}/confirmation", {"kept": True})
    assert (word.status_code, word.json()["code"]) == (404, "commitment-unknown")


async def test_the_page_asks_and_takes_the_word_without_a_script(
    client: httpx.AsyncClient, network: Network
) -> None:
    id, receipt = await speak(client, network)
    made = await promise(network, id)
    ending = f"/commitments/{made}/confirmation"
    form = form_of((await client.get(f"/o/{receipt}")).text, ending)

    too_long = await press(client, form, kept="false", note="长" * 1001)
    sent = await press(client, form, kept="false", note="还有两盏不亮")

    assert (too_long.status_code, sent.status_code) == (422, 303), too_long.text
    assert "长长长" in too_long.text
    page = (await client.get(sent.headers["location"])).text
    assert "还没有做到" in page
