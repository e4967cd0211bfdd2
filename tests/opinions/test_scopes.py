"""Whoever reads an opinion by one post decides nothing on it by another; what accuses passes no desk."""

from uuid import uuid4

import httpx
import pytest

from app.accounts.actor import Post
from app.accounts.permissions import Role, ScopeKind
from tests.opinions.desk import act, done, look, reply_to, speak
from tests.people import Token, post
from tests.stations.network import Network, log_in

CONTACT = {"name": "王小明", "phone": "13912345678", "share_with_unit": False}


async def clerk_elsewhere(network: Network) -> Token:
    """Of the other town's office, and a delegate of this town's congress."""
    county = network.county
    return await log_in(
        network.database,
        network.tenant,
        "olga",
        Post(Role.CONGRESS_OFFICE, ScopeKind.TOWNSHIP, network.other_town_id, "乙镇人大办"),
        Post(Role.DELEGATE, ScopeKind.CONGRESS, county.congress_id, "", county.seats["dave"], "township"),
    )


async def test_an_office_decides_nothing_in_another_town_that_it_only_reads(
    client: httpx.AsyncClient, network: Network
) -> None:
    id, _ = await speak(client, network, contact=CONTACT)
    network.people["olga"] = await clerk_elsewhere(network)
    seen = (await look(client, network, "olga", id)).json()
    assert seen["contact"] is None
    assert "transfer" not in seen["allowed"]
    for path, body in (
        ("contact-reveal", {"reason": "想看看"}),
        ("transfer", {"to": "other", "reason": "转走"}),
        ("messages", {"content": "请补充"}),
        ("referral", {"unit_id": str(network.county.unit_id)}),
        ("told", {"how": "phone"}),
        ("publication", {"public": True}),
        ("closure", None),
    ):
        answer = await act(client, network, "olga", id, path, body)
        assert (answer.status_code, answer.json()["code"]) == (403, "permission-missing"), path


async def test_nobody_gives_time_to_the_own_unit(client: httpx.AsyncClient, network: Network) -> None:
    id, _ = await speak(client, network)
    await done(client, network, "carol", id, "referral", {"unit_id": str(network.county.unit_id)})
    network.people["both"] = await log_in(
        network.database,
        network.tenant,
        "both",
        Post(Role.UNIT_OFFICER, ScopeKind.UNIT, network.county.unit_id, "县水务局"),
        Post(Role.CONGRESS_OFFICE, ScopeKind.TOWNSHIP, network.county.town_id, "甲镇人大办"),
    )
    await done(client, network, "both", id, "referral/acceptance")
    asked = {"until": "2026-12-08", "reason": "等材料"}
    await done(client, network, "both", id, "referral/extension-request", asked)
    answer = await act(
        client, network, "both", id, "referral/extension-decision", {"agree": True, "reason": "同意"}
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "recused")


@pytest.mark.parametrize("words", ["举报站长老李侵占低保款", "举报县水务局收受贿赂"])
async def test_an_accusation_passes_no_station(
    client: httpx.AsyncClient, network: Network, words: str
) -> None:
    id, _ = await speak(client, network, content=words)
    assert (await look(client, network, "kim", id)).status_code == 404
    assert (await look(client, network, "alice", id)).status_code == 404
    assert (await look(client, network, "carol", id)).status_code == 200


async def test_words_that_accuse_only_later_reach_the_office_alone(
    client: httpx.AsyncClient, network: Network
) -> None:
    id, receipt = await speak(client, network)
    await done(client, network, "carol", id, "referral", {"unit_id": str(network.county.unit_id)})
    said = await reply_to(client, receipt, "messages", {"content": "我举报水务局的张科长受贿"})
    assert said.status_code == 200, said.text
    for who, read in (("bob", 0), ("kim", 0), ("alice", 0), ("carol", 1), ("lena", 1)):
        assert len((await look(client, network, who, id)).json()["messages"]) == read, who


async def test_words_that_accuse_before_a_referral_keep_it_from_every_unit(
    client: httpx.AsyncClient, network: Network
) -> None:
    id, receipt = await speak(client, network)
    await reply_to(client, receipt, "messages", {"content": "我举报水务局的张科长受贿"})
    refused = await act(client, network, "carol", id, "referral", {"unit_id": str(network.county.unit_id)})
    assert (refused.status_code, refused.json()["code"]) == (409, "accusation-stays")


async def test_a_place_that_names_a_cadre_skips_the_station_too(
    client: httpx.AsyncClient, network: Network
) -> None:
    id, _ = await speak(client, network, place="村支书家门口")
    assert (await look(client, network, "kim", id)).status_code == 404


async def test_a_merge_needs_the_office_of_both(client: httpx.AsyncClient, network: Network) -> None:
    one, _ = await speak(client, network)
    two, _ = await speak(client, network, content=f"{uuid4()} 也是路灯")
    network.people["olga"] = await clerk_elsewhere(network)
    answer = await post(client, f"/api/v1/opinions/{one}/merge", network["olga"], {"into_id": two})
    assert answer.status_code == 403
