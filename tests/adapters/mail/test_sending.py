"""One e-mail over a real socket: at most one attempt, and an outcome that says what to do next."""

import logging
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from app.adapters.delivery import Ambiguous, Delivered, Outcome, Rejected, Retry, Stands
from app.adapters.mail.console import ConsoleMail
from app.adapters.mail.message import Mail
from app.adapters.mail.smtp import MailServer, Security, SmtpMail
from app.fakes.faults import Fault, Faults
from app.fakes.mail.app import make_app
from app.fakes.mail.server import serving
from app.fakes.mail.world import MailWorld
from tests.adapters.mail.certificates import contexts
from tests.adapters.wechat.rig import HandClock

BOB = "bob@water.test"
LINK = "https://npc.test/desk/items"
MAIL = Mail(
    BOB,
    "建议办理已逾期",
    f"“关于修缮村道的建议”请协助。\n{LINK}",
    "key=0192&line=overdue&subject_id=0193",
)


@dataclass
class Rig:
    world: MailWorld
    server: MailServer

    async def send(self, mail: Mail = MAIL) -> Outcome:
        return await SmtpMail(self.server, clock=self.world.clock).send(mail)


def a_world(user: str = "", password: str = "") -> MailWorld:
    return MailWorld(HandClock(), user, password, faults=Faults(chance=lambda: 0.0))


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    world = a_world()
    async with serving(world) as port:
        yield Rig(world, MailServer("127.0.0.1", port, Security.NONE, "npc@county.test"))


def verdict(outcome: Outcome) -> tuple[str, Stands]:
    assert isinstance(outcome, Rejected)
    return outcome.reason, outcome.stands


async def test_a_mail_arrives_with_all_the_demo_shows(rig: Rig) -> None:
    outcome = await rig.send()

    [item] = rig.world.messages(BOB)
    assert outcome == Delivered(item["message_id"])
    assert (item["channel"], item["line"], item["subject_id"]) == ("mail", "overdue", "0193")
    assert (item["title"], item["text"].splitlines()) == (MAIL.subject, MAIL.text.splitlines())
    assert item["from"] == "npc@county.test"


async def test_a_mail_says_that_no_person_wrote_it_and_is_the_same_at_each_attempt(rig: Rig) -> None:
    await rig.send()
    await rig.send()
    first, second = rig.world.messages(BOB)
    assert first["auto_submitted"] == "auto-generated"
    assert first["message_id"] == second["message_id"]


async def test_a_subject_cannot_bring_headers_of_its_own(rig: Rig) -> None:
    await rig.send(replace(MAIL, subject="建议\r\nBcc: eve@evil.test"))
    [received] = rig.world.outbox
    assert received.to == BOB
    assert b"\nBcc:" not in received.content


@pytest.mark.parametrize(
    "to", ["", "bob", "bob@water.test\r\nRCPT TO:<eve@evil.test>", "a@b,c@d", "张三@乡.test"]
)
async def test_what_is_no_address_is_not_sent(rig: Rig, to: str) -> None:
    assert verdict(await rig.send(replace(MAIL, to=to))) == ("address-unfit", Stands.PERSON)
    assert not rig.world.calls


async def test_a_lost_answer_is_ambiguous_and_the_mail_is_not_sent_twice(rig: Rig) -> None:
    rig.world.faults.set(Fault.LOST_ANSWER)
    assert await rig.send() == Ambiguous("SMTPServerDisconnected")
    assert (len(rig.world.outbox), rig.world.calls["DATA"]) == (1, 1)


async def test_silence_before_the_body_leaves_no_doubt(rig: Rig) -> None:
    rig.world.faults.set(Fault.TIMEOUT)
    rig.server = replace(rig.server, step_seconds=0.2)
    assert await rig.send() == Retry(60, "unreachable")
    assert rig.world.calls["DATA"] == 0


@pytest.mark.parametrize("fault", [Fault.SERVER_ERROR, Fault.BUSY, Fault.QUOTA])
async def test_a_server_that_says_later_is_asked_later(rig: Rig, fault: Fault) -> None:
    rig.world.faults.set(fault)
    assert await rig.send() == Retry(300, "put-off")
    assert not rig.world.outbox


async def test_an_unknown_address_is_the_person_s_and_is_not_noted(rig: Rig) -> None:
    rig.world.unknown.add(BOB)
    outcome = await rig.send()
    assert verdict(outcome) == ("address-unknown", Stands.PERSON)
    assert BOB not in repr(outcome)


async def test_nobody_listening_is_tried_again_later(rig: Rig) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        rig.server = replace(rig.server, port=probe.getsockname()[1])
    assert await rig.send() == Retry(60, "unreachable")


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
async def test_a_password_goes_through_tls_alone(tmp_path: Path, security: Security) -> None:
    made, world = contexts(tmp_path), a_world("npc", "s3cret")
    at_once = security is Security.TLS
    offered = {True: made.server, False: None}
    async with serving(world, tls=offered[at_once], starttls=offered[not at_once]) as port:
        server = MailServer(
            "127.0.0.1", port, security, "npc@county.test", "npc", "s3cret", context=made.client
        )
        assert isinstance(await Rig(world, server).send(), Delivered)
        wrong = replace(server, password="guess")
        assert verdict(await Rig(world, wrong).send()) == ("refused", Stands.CHANNEL)
        stranger = replace(server, context=None)
        assert verdict(await Rig(world, stranger).send()) == ("not-secure", Stands.CHANNEL)
    assert len(world.outbox) == 1


async def test_a_server_without_starttls_gets_neither_password_nor_mail(rig: Rig) -> None:
    rig.server = replace(rig.server, security=Security.STARTTLS, user="npc", password="s3cret")
    assert verdict(await rig.send()) == ("not-secure", Stands.CHANNEL)
    assert (rig.world.calls["AUTH"], len(rig.world.outbox)) == (0, 0)


def test_a_password_in_clear_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match="in clear"):
        MailServer("mail.test", 25, Security.NONE, "npc@county.test", "npc", "s3cret")


async def test_the_console_twin_logs_neither_address_nor_words(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        assert await ConsoleMail().send(MAIL) == Delivered("console")
    assert "console only" in caplog.text
    assert not any(word in caplog.text for word in (BOB, "修缮", LINK))


def test_the_fake_refuses_production() -> None:
    with pytest.raises(RuntimeError, match="not for production"):
        make_app(a_world(), environment="production")
