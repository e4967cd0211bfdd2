"""Over a real socket, silence feels as it does on the internet."""

import asyncio
from collections.abc import AsyncIterator, Callable

import httpx
import pytest
import uvicorn

from app.fakes.wechat.app import make_app
from app.fakes.wechat.faults import Faults, Line
from app.fakes.wechat.world import World
from tests.fakes.wechat.phone import Clock

LOGIN = "/sns/jscode2session"


class StalledForever(Line):
    def __init__(self) -> None:
        self.released = asyncio.Event()

    async def stall(self) -> None:
        await self.released.wait()


class Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, *args: object, **kwargs: object) -> None:
        await super().startup(*args, **kwargs)  # type: ignore[arg-type]
        self.listening.set()

    @property
    def address(self) -> str:
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        return f"http://{host}:{port}"


@pytest.fixture
def line() -> StalledForever:
    return StalledForever()


@pytest.fixture
def world(line: StalledForever) -> World:
    return World(Clock(), faults=Faults(line=line))


@pytest.fixture
async def http(world: World, line: StalledForever) -> AsyncIterator[httpx.AsyncClient]:
    config = uvicorn.Config(
        make_app(world),
        host="127.0.0.1",
        port=0,
        log_config=None,
        access_log=False,
        ws="none",
        lifespan="off",
    )
    server = Server(config)
    serving = asyncio.create_task(server.serve())
    await server.listening.wait()
    async with httpx.AsyncClient(base_url=server.address, trust_env=False) as client:
        yield client
    line.released.set()
    server.should_exit = True
    await serving


@pytest.fixture
def query(world: World) -> Callable[[str], dict[str, str]]:
    return lambda openid: {
        "appid": world.appid,
        "secret": world.secret,
        "js_code": f"demo:{openid}",
        "grant_type": "authorization_code",
    }


async def test_a_lost_answer_is_a_connection_cut_after_the_work_was_done(
    world: World, http: httpx.AsyncClient, query: Callable[[str], dict[str, str]]
) -> None:
    world.faults.set("lost_answer")
    with pytest.raises(httpx.RemoteProtocolError):
        await http.get(LOGIN, params=query("oAlice"))
    assert world.knows("oAlice")


async def test_a_timeout_is_silence_and_nothing_done(
    world: World, http: httpx.AsyncClient, query: Callable[[str], dict[str, str]]
) -> None:
    world.faults.set("timeout")
    with pytest.raises(httpx.ReadTimeout):
        await http.get(LOGIN, params=query("oAlice"), timeout=0.05)
    assert not world.knows("oAlice")


async def test_without_faults_it_answers(
    world: World, http: httpx.AsyncClient, query: Callable[[str], dict[str, str]]
) -> None:
    answer = await http.get(LOGIN, params=query("oAlice"))
    assert answer.json()["openid"] == "oAlice"
