"""What skips the station leaves there only that it exists."""

import httpx

from tests.opinions.desk import look, speak
from tests.people import get
from tests.stations.network import Network


async def test_the_keeper_learns_that_an_item_skipped_the_station_and_nothing_of_it(
    client: httpx.AsyncClient, network: Network
) -> None:
    skipped, _ = await speak(client, network, category="conduct")
    await speak(client, network)  # the station's own
    await speak(client, network, route="county", confidential=True)  # of this one nothing at all
    answer = await get(client, f"{network.path}/opinions-beyond", network["kim"])

    assert answer.json()["items"] == [
        {
            "number": (await look(client, network, "carol", skipped)).json()["number"],
            "received_on": "2026-11-25",
        }
    ]
    assert (await look(client, network, "kim", skipped)).status_code == 404


async def test_another_stations_keeper_does_not_even_learn_that(
    client: httpx.AsyncClient, network: Network
) -> None:
    await speak(client, network, route="township")
    answer = await get(client, f"{network.path}/opinions-beyond", network["bob"])
    assert answer.status_code in (403, 404)
