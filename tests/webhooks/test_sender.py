import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.kernel.clock import machine_now
from app.settings import Settings
from app.webhooks.addresses import Policy
from app.webhooks.retrying import Answer
from app.webhooks.sender import Sender, policy_of
from tests.conftest import KEYS

STRICT = Policy()
HERE = Policy(allow_http=True, allow_private=True)
NAME = "hooks.example.test"
OK = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"


class Door:
    """A real listener on a free port of this machine: counts who connects, keeps what is asked."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.connections = 0
        self.asked: list[bytes] = []
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(self.answer)
        await writer.drain()
        writer.close()


@asynccontextmanager
async def opened(answer: bytes = OK, tls: ssl.SSLContext | None = None) -> AsyncIterator[Door]:
    door = Door(answer)
    server = await asyncio.start_server(door.serve, "127.0.0.1", 0, ssl=tls)
    door.port = server.sockets[0].getsockname()[1]
    async with server:
        yield door


class Names:
    """A name server that may change its mind: each look-up takes the next answer, the last for ever."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


async def sent(
    url: str, policy: Policy, names: Names, inner: httpx.AsyncBaseTransport | None = None
) -> Answer:
    sender = Sender(policy, resolve=names, inner=inner, timeout=5)
    try:
        return await sender.post(url, b"{}", {"webhook-id": "1"})
    finally:
        await sender.close()


async def test_a_name_is_connected_at_its_address_and_kept_in_the_host_header() -> None:
    async with opened() as door:
        answer = await sent(f"http://{NAME}:{door.port}/in?a=1", HERE, Names(["127.0.0.1"]))

    assert answer == Answer(status=204)
    assert door.asked[0].startswith(b"POST /in?a=1 HTTP/1.1\r\n")
    assert f"\r\nhost: {NAME}:{door.port}\r\n".encode() in door.asked[0].lower()


@pytest.mark.parametrize("address", ["127.0.0.1", "::ffff:127.0.0.1"])
async def test_a_name_that_stands_for_this_machine_is_never_connected(address: str) -> None:
    async with opened() as door:
        plain = Policy(allow_http=True)
        answer = await sent(f"http://{NAME}:{door.port}/", plain, Names([address]))

    assert (answer, door.connections) == (Answer(error="webhook-address-not-public"), 0)


async def test_a_name_that_changes_its_mind_gets_nowhere() -> None:
    """DNS rebinding: public when registered, this machine when called."""
    async with opened() as door:
        names = Names(["1.1.1.1"], ["127.0.0.1"])
        first = await sent(f"http://{NAME}:{door.port}/", Policy(allow_http=True), names, _Recording())
        second = await sent(f"http://{NAME}:{door.port}/", Policy(allow_http=True), names)

    assert (first, names.asked) == (Answer(status=204), 2)
    assert (second, door.connections) == (Answer(error="webhook-address-not-public"), 0)


class _Recording(httpx.AsyncBaseTransport):
    def __init__(self) -> None:
        self.hosts: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.hosts.append(request.url.host)
        return httpx.Response(204)


async def test_the_checked_address_itself_is_handed_on_so_nothing_looks_the_name_up_again() -> None:
    recording, names = _Recording(), Names(["1.1.1.1", "8.8.8.8"], ["127.0.0.1"])

    await sent(f"https://{NAME}/", STRICT, names, recording)

    assert (recording.hosts, names.asked) == (["1.1.1.1"], 1)


async def test_one_private_address_among_several_refuses_the_name() -> None:
    recording = _Recording()

    answer = await sent(f"https://{NAME}/", STRICT, Names(["1.1.1.1", "10.0.0.1"]), recording)

    assert (answer.error, recording.hosts) == ("webhook-address-not-public", [])


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/", "https://0x7f000001/", "https://2130706433/", "http://1.1.1.1/"]
)
async def test_an_unfit_url_is_refused_again_when_it_is_called(url: str) -> None:
    recording = _Recording()

    answer = await sent(url, STRICT, Names(["1.1.1.1"]), recording)

    assert (answer.status, recording.hosts) == (None, [])
    assert (answer.error or "").startswith("webhook-")


async def test_a_redirect_is_a_failure_and_not_followed() -> None:
    async with opened() as aim:
        moved = f"HTTP/1.1 307 Moved\r\nLocation: http://127.0.0.1:{aim.port}/\r\nContent-Length: 0\r\n\r\n"
        async with opened(moved.encode()) as door:
            answer = await sent(f"http://127.0.0.1:{door.port}/", HERE, Names([]))

    assert (answer.status, door.connections, aim.connections) == (307, 1, 0)


async def test_retry_after_is_passed_on() -> None:
    busy = b"HTTP/1.1 429 Busy\r\nRetry-After: 90\r\nContent-Length: 0\r\n\r\n"
    async with opened(busy) as door:
        answer = await sent(f"http://127.0.0.1:{door.port}/", HERE, Names([]))

    assert answer == Answer(status=429, retry_after=timedelta(seconds=90))


async def test_a_receiver_that_never_answers_is_given_up() -> None:
    class Silent(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await asyncio.Event().wait()
            raise AssertionError

    sender = Sender(STRICT, resolve=Names(["1.1.1.1"]), inner=Silent(), timeout=0.05)
    answer = await sender.post(f"https://{NAME}/", b"{}", {})
    await sender.close()

    assert answer == Answer(error="timeout")


async def test_an_unknown_name_and_a_closed_port_are_answers_not_errors() -> None:
    async def nowhere(host: str, port: int) -> Sequence[str]:
        raise OSError

    sender = Sender(STRICT, resolve=nowhere)
    unknown = await sender.post(f"https://{NAME}/", b"{}", {})
    await sender.close()
    async with opened() as door:
        port = door.port
    closed = await sent(f"http://127.0.0.1:{port}/", HERE, Names([]))

    assert unknown == Answer(error="OSError")
    assert closed == Answer(error="ConnectError")


def certificate_for(name: str, folder: Path) -> Path:
    """A self-signed certificate and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(machine_now() - timedelta(days=1))
        .not_valid_after(machine_now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / f"{name}.pem"
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.mark.parametrize(("certified", "status"), [(NAME, 204), ("other.example.test", None)])
async def test_the_certificate_must_be_the_names_although_the_address_is_connected(
    certified: str, status: int | None, tmp_path: Path
) -> None:
    file = certificate_for(certified, tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(file)
    trusting = ssl.create_default_context(cafile=str(file))
    async with opened(tls=tls) as door:
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # the refused handshake
        inner = httpx.AsyncHTTPTransport(verify=trusting, trust_env=False)
        answer = await sent(f"https://{NAME}:{door.port}/", HERE, Names(["127.0.0.1"]), inner)

    assert answer.status == status
    assert len(door.asked) == (status == 204)


def test_private_addresses_are_for_development_and_only_on_demand(settings: Settings) -> None:
    assert policy_of(settings) == Policy(allow_http=True, allow_private=False)
    with pytest.raises(ValueError, match="WEBHOOK_ALLOW_PRIVATE"):
        Settings(
            _env_file=None,  # type: ignore[call-arg]
            environment="production",
            database_url="postgresql://db/x",
            webhook_allow_private=True,
            **KEYS,  # type: ignore[arg-type]
        )
