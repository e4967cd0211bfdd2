"""The SMTP side of the fake (RFC 5321, 3207, 4954 as far as a client of ours needs them)."""

import asyncio
import base64
import contextlib
import re
import ssl
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from app.fakes.faults import Fault
from app.fakes.mail.world import MailWorld

PATH = re.compile(r"(?:FROM|TO):<([^>]*)>", re.IGNORECASE)
TROUBLE = {
    Fault.SERVER_ERROR: "451 4.3.0 local error in processing",
    Fault.BUSY: "421 4.3.2 too busy, closing",
    Fault.QUOTA: "452 4.5.3 too many messages today",
}


@asynccontextmanager
async def serving(
    world: MailWorld,
    *,
    port: int = 0,
    tls: ssl.SSLContext | None = None,
    starttls: ssl.SSLContext | None = None,
    environment: str = "development",
) -> AsyncIterator[int]:
    """Listens on loopback while it lasts; yields its port. Raises RuntimeError in production."""
    if environment == "production":
        raise RuntimeError("the fake mail server is not for production")

    async def talk(reader: StreamReader, writer: StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            await Session(world, reader, writer, starttls).run()
        writer.close()
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()

    server = await asyncio.start_server(talk, "127.0.0.1", port, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1]


@dataclass
class Session:
    """One connection. `sender` and `to` are those of the message being handed over."""

    world: MailWorld
    reader: StreamReader
    writer: StreamWriter
    starttls: ssl.SSLContext | None
    authorised: bool = False
    sender: str = ""
    to: str = ""
    fault: Fault = Fault.NONE
    open: bool = True

    async def run(self) -> None:
        await self.say("220 fake.test ESMTP")
        while self.open and (line := await self.reader.readline()):
            verb, _, rest = line.decode("ascii", "replace").strip().partition(" ")
            self.world.calls[verb.upper()] += 1
            act = getattr(self, f"on_{verb.lower()}", self.unknown)
            await act(rest)

    async def say(self, *lines: str) -> None:
        for line in lines:
            self.writer.write(f"{line}\r\n".encode())
        await self.writer.drain()

    async def unknown(self, _: str) -> None:
        await self.say("502 5.5.1 command not implemented")

    async def on_ehlo(self, _: str) -> None:
        offers = ["STARTTLS"] if self.starttls else []
        offers += ["AUTH PLAIN"] if self.world.password and not self.starttls else []
        await self.say("250-fake.test", *(f"250-{offer}" for offer in offers), "250 8BITMIME")

    async def on_starttls(self, _: str) -> None:
        if self.starttls is None:
            await self.say("502 5.5.1 not offered")
            return
        await self.say("220 2.0.0 ready")
        await self.writer.start_tls(self.starttls)
        self.starttls = None

    async def on_auth(self, rest: str) -> None:
        _, _, given = rest.partition(" ")
        right = base64.b64encode(f"\0{self.world.user}\0{self.world.password}".encode()).decode()
        self.authorised = given == right
        await self.say("235 2.7.0 welcome" if self.authorised else "535 5.7.8 authentication failed")

    async def on_mail(self, rest: str) -> None:
        self.fault = self.world.faults.draw("MAIL")
        if self.fault is Fault.TIMEOUT:
            await self.reader.read()  # till the client has had enough
            self.open = False
        elif self.fault in (Fault.SERVER_ERROR, Fault.BUSY):
            await self.say(TROUBLE[self.fault])
            self.open = self.fault is not Fault.BUSY
        elif self.world.password and not self.authorised:
            await self.say("530 5.7.0 authentication required")
        else:
            self.sender = path_in(rest)
            await self.say("250 2.1.0 ok")

    async def on_rcpt(self, rest: str) -> None:
        self.to = path_in(rest)
        if self.fault is Fault.QUOTA:
            await self.say(TROUBLE[Fault.QUOTA])
        elif self.to in self.world.unknown:
            await self.say(f"550 5.1.1 <{self.to}> no such user here")
        else:
            await self.say("250 2.1.5 ok")

    async def on_data(self, _: str) -> None:
        await self.say("354 end with a dot")
        content = await self.reader.readuntil(b"\r\n.\r\n")
        self.world.receive(self.sender, self.to, content[:-3].replace(b"\r\n..", b"\r\n."))
        if self.fault is Fault.LOST_ANSWER:
            self.open = False
        else:
            await self.say("250 2.0.0 taken")

    async def on_rset(self, _: str) -> None:
        await self.say("250 2.0.0 ok")

    async def on_quit(self, _: str) -> None:
        self.open = False
        await self.say("221 2.0.0 bye")


def path_in(rest: str) -> str:
    found = PATH.match(rest)
    return found.group(1) if found else ""
