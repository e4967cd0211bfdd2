"""Errors as people and programs meet them: a status, a stable code, a Chinese sentence, no secrets."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
import structlog
from fastapi import FastAPI, Request
from sqlalchemy import text

from app.infra.crypto import Keyring
from app.infra.db import Database, sql
from app.infra.deps import Tx
from app.infra.http_errors import database_away
from app.infra.http_frame import HttpFrame
from app.infra.migrations import add_tenant
from app.infra.unit_route import UnitRoute
from app.settings import Settings
from tests.conftest import KEYS, app_with
from tests.infra.servers import Starter, open_directory
from tests.people import County, Token, found_county, get, post

PATH = "/api/v1/suggestions"
DRAFT = {"title": "关于修缮灌溉水渠的建议", "situation": "水渠坍塌，稻田缺水。", "proposal": "建议清淤加固。"}
PHONE = "13800000001"


def code(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == response.status_code
    assert problem["request_id"] == response.headers["X-Request-ID"]
    assert {"type", "title", "detail"} <= set(problem)
    return response.status_code, problem["code"]


@pytest.mark.parametrize("body", [b"{", b"{'a': 1}", b'{"title": }', b"\xff\xfe", b"[" * 100_000])
async def test_what_is_no_json_is_a_bad_request(
    client: httpx.AsyncClient, county: County, body: bytes
) -> None:
    headers = {**county["alice"].headers, "Content-Type": "application/json", "Idempotency-Key": str(uuid4())}
    response = await client.post(PATH, content=body, headers=headers)
    assert code(response)[0] == 400


async def send(
    client: httpx.AsyncClient, path: str, body: Any, headers: dict[str, str] | None = None
) -> httpx.Response:
    """POST as ASCII JSON: the only way to send half a character."""
    more = {"Content-Type": "application/json", "Idempotency-Key": str(uuid4())}
    return await client.post(path, content=json.dumps(body), headers={**(headers or {}), **more})


WRONG_FIELDS: list[tuple[str, Any, str]] = [
    ("titel", "错名", "没有这个字段"),
    ("title", "", "不能为空"),
    ("title", " \n ", "不能为空"),
    ("title", None, "应为文字"),
    ("title", 7, "应为文字"),
    ("title", ["一"], "应为文字"),
    ("title", "水\x00渠", "第 2 个字"),
    ("title", "水渠\x1b[31m", "第 3 个字"),
    ("title", "水\ud800渠", "第 2 个字"),
    ("title", "两行\n标题", "一行"),
    ("title", "长" * 10_000, "最多"),
    ("situation", "长" * 100_000, "最多"),
    ("confidential", "也许", "true 或 false"),
    ("proposed_unit_id", "not-an-id", "编号格式不对"),
    ("raised_in", "sometime", "session"),
]


@pytest.mark.parametrize(("field", "value", "says"), WRONG_FIELDS)
async def test_a_wrong_field_is_named_with_what_to_do(
    client: httpx.AsyncClient, county: County, field: str, value: Any, says: str
) -> None:
    response = await send(client, PATH, {**DRAFT, field: value}, county["alice"].headers)

    assert code(response) == (422, "invalid")
    problem = response.json()
    [error] = problem["errors"]
    assert error["field"] == field
    assert says in error["message"]
    assert problem["detail"] == f"{field}：{error['message']}"


@pytest.mark.parametrize("body", [[], "text", 7, None, [DRAFT]])
async def test_a_body_that_is_no_object_is_named(
    client: httpx.AsyncClient, county: County, body: Any
) -> None:
    response = await post(client, PATH, county["alice"], body)
    assert code(response) == (422, "invalid")
    assert response.json()["errors"][0]["field"] == "body"


async def test_every_wrong_field_is_listed_at_once(client: httpx.AsyncClient, county: County) -> None:
    response = await post(client, PATH, county["alice"], {"title": "", "more": 1})
    fields = {error["field"] for error in response.json()["errors"]}
    assert fields == {"title", "situation", "proposal", "more"}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=x", "limit"),
        ("cursor=zzz", "cursor"),
        ("who=1", "who"),
    ],
)
async def test_a_wrong_query_is_named(
    client: httpx.AsyncClient, county: County, query: str, field: str
) -> None:
    response = await get(client, f"{PATH}?{query}", county["alice"])
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == field


@pytest.mark.parametrize("query", ["q=%00", "q=%ED%A0%80", "category=%00"])
async def test_a_search_for_what_no_text_holds_finds_nothing_or_is_refused(
    client: httpx.AsyncClient, county: County, query: str
) -> None:
    response = await get(client, f"{PATH}?{query}", county["alice"])
    assert response.status_code in {200, 422}


async def test_a_user_name_with_nul_is_refused_not_stumbled_over(client: httpx.AsyncClient) -> None:
    for username in ("a\x00b", "a\ud800b"):
        body = {"username": username, "password": "Secret-12345"}
        response = await send(client, "/api/v1/auth/password", body)
        assert code(response) == (422, "invalid")


async def test_an_unknown_path_is_a_problem_too(client: httpx.AsyncClient) -> None:
    assert code(await client.get("/api/v1/nothing-here")) == (404, "not-found")


async def test_a_wrong_method_names_the_right_ones(client: httpx.AsyncClient) -> None:
    response = await client.request("PATCH", PATH)
    assert code(response) == (405, "method-not-allowed")
    assert response.headers["Allow"]


async def test_an_unknown_host_among_several_counties_is_misdirected(client: httpx.AsyncClient) -> None:
    assert code(await client.get("http://gamma.test/api/v1/me")) == (421, "unknown-host")


async def test_a_body_beyond_a_megabyte_is_refused_whether_declared_or_streamed(
    client: httpx.AsyncClient, county: County
) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b" " * 64_000

    headers = {**county["alice"].headers, "Content-Type": "application/json", "Idempotency-Key": str(uuid4())}
    for content in (b" " * 2_000_000, pieces()):
        response = await client.post(PATH, content=content, headers=headers)
        assert code(response) == (413, "too-large")


async def test_a_given_request_id_is_echoed(client: httpx.AsyncClient) -> None:
    response = await client.get("/api/v1/nothing", headers={"X-Request-ID": "trace-0123456789"})
    assert response.headers["X-Request-ID"] == "trace-0123456789"
    assert response.json()["request_id"] == "trace-0123456789"


@pytest.mark.parametrize(
    "hostile",
    [
        b"short",
        b"a" * 65,
        b"12345678\tx",
        b"<script>alert(1)</script>",
        b"trace\xe4\xbd\xa0\xe5\xa5\xbd",
        b"a b c d e",
    ],
)
async def test_a_hostile_request_id_is_replaced(client: httpx.AsyncClient, hostile: bytes) -> None:
    response = await client.get("/health/live", headers=[(b"X-Request-ID", hostile)])
    assert response.headers["X-Request-ID"].encode() != hostile
    assert len(response.headers["X-Request-ID"]) == 32


SECRET = "张三反映的水渠"


@pytest.fixture
def faulty(app: FastAPI) -> FastAPI:
    """The application with routes that fail as no code foresaw."""

    async def stumble(request: Request) -> None:
        raise ValueError(f"cannot use {SECRET} of {PHONE}")

    async def wrong_sql(tx: Tx) -> None:
        await sql(tx, text("SELECT nonsense FROM accounts WHERE name = :name"), {"name": SECRET})

    app.router.add_api_route("/stumble/{receipt}", stumble)
    app.router.add_api_route("/wrong-sql", wrong_sql, route_class_override=UnitRoute)
    return app


@pytest.mark.parametrize("path", ["/stumble/r3c3ipt", "/wrong-sql"])
async def test_what_nobody_foresaw_is_told_without_trace_or_sql(
    faulty: FastAPI, client: httpx.AsyncClient, path: str
) -> None:
    response = await client.get(path)

    assert code(response) == (500, "internal")
    assert response.headers["Referrer-Policy"] == "no-referrer"
    told = response.text
    for leaked in ("Traceback", "SELECT", "nonsense", "ValueError", ".py", SECRET, PHONE):
        assert leaked not in told


async def test_a_log_line_names_the_route_and_no_person_no_path_no_token(
    faulty: FastAPI, client: httpx.AsyncClient, county: County
) -> None:
    alice: Token = county["alice"]
    with structlog.testing.capture_logs() as lines:
        drafted = await post(client, PATH, alice, {**DRAFT, "title": SECRET})
        await get(client, f"{PATH}/{drafted.json()['id']}?q={PHONE}", alice)
        await client.get("/nowhere/r3c3ipt")
        body = {"username": PHONE, "password": SECRET}
        await client.post("/api/v1/auth/password", json=body)

    routes = [line["route"] for line in lines if line["event"] == "request"]
    assert routes == [PATH, PATH + "/{id}", "unmatched", "/api/v1/auth/password"]
    written = json.dumps(lines, default=str, ensure_ascii=False)
    for secret in (SECRET, PHONE, "r3c3ipt", drafted.json()["id"], alice.access):
        assert secret not in written


FAILING = f"""
import asyncpg
from sqlalchemy.exc import DBAPIError
from app.infra.logs import configure, log
configure()
try:
    try:
        raise asyncpg.CheckViolationError("row ({SECRET}, {PHONE})")
    except asyncpg.CheckViolationError as error:
        raise ValueError("{SECRET}") from error
except ValueError:
    log.exception("unexpected")
"""


def test_a_logged_failure_shows_types_and_places_but_no_words() -> None:
    """In a process of its own: logging is set up once per process."""
    done = subprocess.run([sys.executable, "-c", FAILING], capture_output=True, text=True, check=True)

    line = json.loads(done.stdout)
    assert line["event"] == "unexpected"
    assert "builtins.ValueError" in line["exception"]
    assert "CheckViolationError [23514]" in line["exception"]
    assert "<string>:" in line["exception"]
    assert SECRET not in done.stdout + done.stderr
    assert PHONE not in done.stdout + done.stderr


async def test_who_hangs_up_is_not_answered_and_not_called_an_error(app: FastAPI) -> None:
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": PATH,
        "raw_path": PATH.encode(),
        "query_string": b"",
        "headers": [(b"host", b"alpha.test"), (b"content-type", b"application/json")],
        "app": app,
    }
    with structlog.testing.capture_logs() as lines:
        await app(scope, receive, send)

    assert sent == []
    assert [line["log_level"] for line in lines] == ["info"]


@pytest.fixture
def private_server() -> Iterator[Starter]:
    """A server of this test's own, to be stopped and started."""
    with open_directory() as directory:
        starter = Starter(directory / "pg")
        starter(settings=("fsync = off", "max_connections = 20"))
        yield starter
        starter.release_all()


async def test_while_the_database_is_away_people_are_told_to_wait_and_then_it_goes_on(
    private_server: Starter, settings: Settings
) -> None:
    [server] = private_server.begun
    await add_tenant(server.dsn(role="lianluo_owner"), "alpha", name="甲县")
    database = Database(server.dsn(), keyring=Keyring(**KEYS), pool_size=3)
    [tenant] = (await database.tenants()).all()
    county = await found_county(database, tenant)
    transport = httpx.ASGITransport(app_with(settings, database))
    async with httpx.AsyncClient(transport=transport, base_url="http://alpha.test") as client:
        await asyncio.gather(*(get(client, PATH, county["alice"]) for _ in range(3)))
        await asyncio.to_thread(server.release)

        for stale in (False, True):
            if stale:
                database.registry.expire()
            away = await post(client, PATH, county["alice"], DRAFT)
            assert code(away) == (503, "database-away")
            assert away.headers["Retry-After"] == "2"
            assert "还没有提交" in away.json()["detail"]
            logging_in = {"username": "x", "password": "y"}
            assert (await client.post("/api/v1/auth/password", json=logging_in)).status_code == 503
            assert (await client.get("/health/live")).status_code == 200
            ready = await client.get("/health/ready")
            assert (ready.status_code, ready.json()["ready"]) == (503, False)

        await asyncio.to_thread(private_server, settings=("fsync = off",))
        back = await asyncio.gather(*(post(client, PATH, county["alice"], DRAFT) for _ in range(3)))
        assert {answer.status_code for answer in back} == {201}
        assert (await client.get("/health/ready")).status_code == 200
    await database.close()


def test_the_frame_is_the_outermost_part_of_the_application(app: FastAPI) -> None:
    outermost: object = app.user_middleware[0].cls
    assert outermost is HttpFrame


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(),
        asyncpg.CannotConnectNowError("starting up"),
        asyncpg.ConnectionDoesNotExistError("gone"),
        asyncpg.InternalClientError("killed in the middle of the greeting"),
    ],
)
def test_a_server_that_is_killed_or_starting_is_away_not_a_fault_of_ours(error: Exception) -> None:
    assert database_away(error)
