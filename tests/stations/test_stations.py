"""Stations by HTTP: founded, found, changed, closed, printed."""

import io
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from PIL import Image

from app.kernel.geo import Coordinate, System, metres_between
from app.stations import poster as drawing
from tests.people import get, post
from tests.queries import counted
from tests.stations.network import LAT, LNG, Network, put
from tests.stations.test_poster import needs_font

STATIONS = "/api/v1/stations"


def a_station(network: Network, **facts: Any) -> dict[str, Any]:
    wanted = {"name": "云岭村联络点", "tier": "point", "township_id": str(network.county.town_id)}
    return wanted | facts


def edit_of(shown: dict[str, Any], **changes: Any) -> dict[str, Any]:
    kept = ("name", "tier", "address", "hours", "phone", "coordinate", "radius", "closed")
    return {name: shown[name] for name in kept} | changes


async def test_a_station_opened_by_its_office_can_be_read_with_its_own_code(
    client: httpx.AsyncClient, network: Network
) -> None:
    body = a_station(network, address="云岭村委会", hours="每月 10 日上午", radius=300)

    opened = await post(client, STATIONS, network["carol"], body)

    assert opened.status_code == 201, opened.text
    shown = opened.json()
    read = await get(client, f"{STATIONS}/{shown['id']}", network["alice"])
    assert (read.json(), read.headers["etag"]) == (shown, '"r1"')
    assert (shown["township_name"], shown["closed"], shown["coordinate"]) == ("甲镇", False, None)
    assert len(shown["code"]) == 8


async def test_the_place_of_a_station_is_kept_in_wgs84_whatever_frame_it_came_in(
    client: httpx.AsyncClient, network: Network
) -> None:
    there = Coordinate(LAT, LNG, None, System.WGS84)
    tencent = there.within(System.GCJ02)
    body = a_station(network, coordinate={"lat": tencent.lat, "lng": tencent.lng, "system": "gcj02"})

    shown = (await post(client, STATIONS, network["carol"], body)).json()["coordinate"]

    kept = Coordinate(shown["lat"], shown["lng"], None, System(shown["system"]))
    assert kept.system is System.WGS84
    assert metres_between(kept, there) < 0.01


async def test_a_place_without_its_frame_is_refused(client: httpx.AsyncClient, network: Network) -> None:
    body = a_station(network, coordinate={"lat": LAT, "lng": LNG})

    refused = await post(client, STATIONS, network["carol"], body)

    assert refused.status_code == 422
    assert refused.json()["errors"] == [{"field": "coordinate.system", "message": "必填，请补充"}]


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("carol", 201),
        ("cora", 201),
        ("otto", 404),
        ("alice", 403),
        ("kim", 403),
        ("chen", 403),
        ("lena", 403),
        ("bob", 403),
        ("sam", 403),
    ],
)
async def test_who_may_open_a_station_in_a_town(
    client: httpx.AsyncClient, network: Network, who: str, status: int
) -> None:
    assert (await post(client, STATIONS, network[who], a_station(network))).status_code == status


async def test_a_county_is_no_township(client: httpx.AsyncClient, network: Network) -> None:
    body = a_station(network, township_id=str(network.county.region_id))

    assert (await post(client, STATIONS, network["cora"], body)).status_code == 404


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("alice", 200),
        ("dave", 200),
        ("kim", 200),
        ("otto", 200),
        ("chen", 200),
        ("lena", 200),
        ("bob", 403),
        ("gina", 403),
        ("sam", 403),
    ],
)
async def test_who_may_read_stations(
    client: httpx.AsyncClient, network: Network, who: str, status: int
) -> None:
    for path in (STATIONS, network.path, f"{network.path}/duty-shifts"):
        assert (await get(client, path, network[who])).status_code == status


async def test_without_a_token_nothing_is_answered(client: httpx.AsyncClient, network: Network) -> None:
    for path in (STATIONS, network.path, f"{network.path}/poster.png", f"{network.path}/poster.pdf"):
        assert (await client.get(path)).status_code == 401


async def test_lists_can_be_narrowed_and_paged(client: httpx.AsyncClient, network: Network) -> None:
    alice = network["alice"]
    opened = (
        await post(client, STATIONS, network["carol"], a_station(network, name="百分之100%联络点"))
    ).json()

    async def names(query: str) -> list[str]:
        answer = await get(client, f"{STATIONS}?{query}", alice)
        assert answer.status_code == 200, answer.text
        return [station["name"] for station in answer.json()["items"]]

    assert await names(f"township_id={network.other_town_id}") == ["乙镇联络站"]
    assert await names("tier=point") == ["百分之100%联络点"]
    assert await names("q=中心") == ["甲镇中心联络站"]
    assert await names("q=%25") == ["百分之100%联络点"]
    assert await names("closed=true") == []
    first = (await get(client, f"{STATIONS}?limit=2", alice)).json()
    rest = (await get(client, f"{STATIONS}?limit=2&cursor={first['next_cursor']}", alice)).json()
    assert [s["id"] for s in first["items"] + rest["items"]] == [
        str(network.station.id),
        str(network.other.id),
        opened["id"],
    ]
    assert rest["next_cursor"] is None


async def test_a_list_of_stations_costs_the_same_for_one_and_three(
    client: httpx.AsyncClient, network: Network
) -> None:
    await post(client, STATIONS, network["carol"], a_station(network))
    counts = []
    for limit in (1, 3):
        with counted() as sent:
            shown = await get(client, f"{STATIONS}?limit={limit}", network["alice"])
        assert len(shown.json()["items"]) == limit
        counts.append(len(sent))

    assert counts[0] == counts[1]


async def test_a_change_needs_the_version_it_was_made_from(
    client: httpx.AsyncClient, network: Network
) -> None:
    carol = network["carol"]
    read = await get(client, network.path, carol)
    body = edit_of(read.json(), hours="每月 15 日下午")

    assert (await put(client, network.path, carol, body, etag=None)).status_code == 428
    changed = await put(client, network.path, carol, body, etag=read.headers["etag"])
    assert (changed.status_code, changed.headers["etag"]) == (200, '"r2"')
    assert (changed.json()["hours"], changed.json()["coordinate"]) == (
        "每月 15 日下午",
        {"lat": LAT, "lng": LNG, "system": "wgs84"},
    )
    assert (await put(client, network.path, carol, body, etag=read.headers["etag"])).status_code == 412


@pytest.mark.parametrize(
    ("who", "status"), [("carol", 200), ("cora", 200), ("otto", 404), ("kim", 403), ("alice", 403)]
)
async def test_who_may_change_a_station(
    client: httpx.AsyncClient, network: Network, who: str, status: int
) -> None:
    read = await get(client, network.path, network["alice"])

    changed = await put(client, network.path, network[who], edit_of(read.json()), etag='"r1"')

    assert changed.status_code == status


async def test_a_closed_station_takes_no_shift_until_it_opens_again(
    client: httpx.AsyncClient, network: Network
) -> None:
    carol = network["carol"]
    shown = (await get(client, network.path, carol)).json()
    shift = {
        "delegate_id": str(network.county.seats["alice"]),
        "starts_at": "2026-12-10T09:00:00+08:00",
        "ends_at": "2026-12-10T11:30:00+08:00",
    }

    closed = await put(client, network.path, carol, edit_of(shown, closed=True), etag='"r1"')
    assert closed.json()["closed"]
    refused = await post(client, f"{network.path}/duty-shifts", carol, shift)
    assert (refused.status_code, refused.json()["code"]) == (409, "station-closed")
    again = await put(client, network.path, carol, edit_of(shown, closed=False), etag='"r2"')
    assert not again.json()["closed"]
    assert (await post(client, f"{network.path}/duty-shifts", carol, shift)).status_code == 201


async def test_two_stations_of_a_town_have_two_names(client: httpx.AsyncClient, network: Network) -> None:
    taken = await post(client, STATIONS, network["carol"], a_station(network, name="甲镇中心联络站"))

    assert (taken.status_code, taken.json()["code"]) == (409, "station-name-taken")


@needs_font
async def test_the_poster_is_drawn_for_who_may_read_stations(
    client: httpx.AsyncClient, network: Network
) -> None:
    png = await get(client, f"{network.path}/poster.png", network["kim"])
    pdf = await get(client, f"{network.path}/poster.pdf", network["kim"])

    assert (png.status_code, png.headers["content-type"]) == (200, "image/png")
    assert Image.open(io.BytesIO(png.content)).size == (drawing.WIDTH, drawing.HEIGHT)
    assert (pdf.headers["content-type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
    assert (await get(client, f"{network.path}/poster.png", network["bob"])).status_code == 403


@needs_font
async def test_the_poster_leads_to_the_stations_page(
    client: httpx.AsyncClient, network: Network, app: FastAPI
) -> None:
    shown = await get(client, f"{network.path}/poster.png", network["kim"])

    link = f"{app.state.settings.base_url}/s/{network.station.code}"
    code = drawing.modules_of(link)
    page = Image.open(io.BytesIO(shown.content)).convert("1")
    for row, line in enumerate(code.matrix):
        for column, dark in enumerate(line):
            x, y = code.left + column * code.side, code.top + row * code.side
            assert (page.getpixel((x + code.side // 2, y + code.side // 2)) == 0) == bool(dark)


async def test_a_host_without_a_chinese_font_says_so(
    client: httpx.AsyncClient, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    for faces in ("PLAIN_FACES", "BOLD_FACES"):
        monkeypatch.setattr(drawing, faces, (("no-such-font.ttf", 0),))

    refused = await get(client, f"{network.path}/poster.png", network["kim"])

    assert (refused.status_code, refused.json()["code"]) == (503, "poster-font-missing")


async def test_an_unknown_station_has_no_poster(client: httpx.AsyncClient, network: Network) -> None:
    path = f"{STATIONS}/{network.county.town_id}"

    for tail in ("", "/poster.png", "/poster.pdf", "/duty-shifts", "/check-ins"):
        assert (await get(client, path + tail, network["alice"])).status_code == 404
