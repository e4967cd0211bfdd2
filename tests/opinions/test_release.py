"""An adopted draft is thrown away: its opinions come back to the office."""

import httpx

from app.opinions import jobs
from tests.conftest import NOW
from tests.opinions.desk import done, follow, look, speak
from tests.stations.network import Network

ADOPTION = {"title": "关于路灯的建议", "analysis": "经走访，十盏坏三盏。", "proposal": "建议更换。"}


async def test_a_discarded_draft_gives_its_opinions_back(client: httpx.AsyncClient, network: Network) -> None:
    id, receipt = await speak(client, network)
    draft = await done(client, network, "alice", id, "adoption", ADOPTION)
    path = f"/api/v1/suggestions/{draft['id']}"
    tag = (await client.get(path, headers=network["alice"].headers)).headers["etag"]

    gone = await client.delete(path, headers={**network["alice"].headers, "If-Match": tag})

    assert gone.status_code in (200, 204), gone.text
    async with network.database.unit(network.tenant) as tx:
        assert await jobs.release(tx, NOW) == 1
        assert await jobs.release(tx, NOW) == 0
    assert (await look(client, network, "carol", id)).json()["state"] == "received"
    assert (await follow(client, receipt))["state"] == "received"
    again = await done(client, network, "alice", id, "adoption", ADOPTION)
    assert again["state"] == "draft"
