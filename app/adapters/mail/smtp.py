"""Handing one e-mail to an SMTP server, step by step: only after the body went out is it in doubt.

The standard library's client, in a thread; its time limits hold for each step, ours for the whole.
"""

import asyncio
import contextlib
import smtplib
import ssl
from dataclasses import dataclass, field
from enum import StrEnum

from app.adapters.delivery import (
    LONGEST_NOTE,
    MINUTE,
    Ambiguous,
    Delivered,
    Outcome,
    Rejected,
    Retry,
    Stands,
)
from app.adapters.mail.message import Mail, domain_of, message_id, written
from app.kernel.clock import Clock, machine_now

STEP_SECONDS = 8.0
BUDGET_SECONDS = 30.0
PUT_OFF = 5 * MINUTE  # a server that says "later" (greylisting, quota) means minutes


class Security(StrEnum):
    TLS = "tls"  # from the first byte, port 465
    STARTTLS = "starttls"  # port 587
    NONE = "none"  # only within a closed network, never with a password


@dataclass(frozen=True)
class MailServer:
    """`sender`: the From address. `context` None: the machine's own authorities are trusted."""

    host: str
    port: int
    security: Security
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    context: ssl.SSLContext | None = None
    step_seconds: float = STEP_SECONDS

    def __post_init__(self) -> None:
        if self.security is Security.NONE and self.password:
            raise ValueError("a password is not sent in clear: set TLS or STARTTLS")


@dataclass(frozen=True)
class Letter:
    to: str = field(repr=False)
    content: bytes = field(repr=False)
    id: str = ""


class SmtpMail:
    def __init__(self, server: MailServer, *, clock: Clock = machine_now) -> None:
        self._server = server
        self._clock = clock

    async def send(self, mail: Mail) -> Outcome:
        """At most one attempt."""
        if not mail.can_be_addressed():
            return Rejected("address-unfit", Stands.PERSON)
        sender = self._server.sender
        content = written(mail, sender=sender, at=self._clock())
        letter = Letter(mail.to, content, message_id(mail, sender))
        try:
            async with asyncio.timeout(BUDGET_SECONDS):
                return await asyncio.to_thread(_hand_over, self._server, letter)
        except TimeoutError:
            return Ambiguous("time budget spent")  # the thread may still be at it


def _hand_over(server: MailServer, letter: Letter) -> Outcome:
    try:
        smtp = _connect(server)
    except smtplib.SMTPResponseException as error:
        return _refused(error.smtp_code, error.smtp_error, Stands.CHANNEL, letter)
    except (ssl.SSLCertVerificationError, smtplib.SMTPNotSupportedError) as error:
        return Rejected("not-secure", Stands.CHANNEL, type(error).__name__)
    except OSError:
        return Retry(MINUTE, "unreachable")
    try:
        return _envelope(smtp, server.sender, letter) or _body(smtp, letter)
    finally:
        with contextlib.suppress(OSError):
            smtp.quit()
        smtp.close()


def _connect(server: MailServer) -> smtplib.SMTP:
    """Greeted, encrypted and logged in; nothing of the message has left."""
    context = server.context or ssl.create_default_context()
    # Without a name of ours the client would ask the name service for one.
    name, seconds = domain_of(server.sender), server.step_seconds
    if server.security is Security.TLS:
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, name, timeout=seconds, context=context
        )
    else:
        smtp = smtplib.SMTP(server.host, server.port, name, timeout=seconds)
    try:
        smtp.ehlo()
        if server.security is Security.STARTTLS:
            smtp.starttls(context=context)
            smtp.ehlo()
        if server.user:
            smtp.login(server.user, server.password)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _envelope(smtp: smtplib.SMTP, sender: str, letter: Letter) -> Outcome | None:
    """Who writes and to whom; None: both are taken."""
    try:
        code, words = smtp.mail(sender)
        if code != 250:
            return _refused(code, words, Stands.CHANNEL, letter)
        code, words = smtp.rcpt(letter.to)
        return None if code in (250, 251) else _refused(code, words, Stands.PERSON, letter)
    except OSError:
        return Retry(MINUTE, "unreachable")


def _body(smtp: smtplib.SMTP, letter: Letter) -> Outcome:
    try:
        code, words = smtp.data(letter.content)
    except smtplib.SMTPDataError as error:  # refused before the body
        return _refused(error.smtp_code, error.smtp_error, Stands.MESSAGE, letter)
    except OSError as error:
        return Ambiguous(type(error).__name__)
    return Delivered(letter.id) if code == 250 else _refused(code, words, Stands.MESSAGE, letter)


def _refused(code: int, words: bytes | str, stands: Stands, letter: Letter) -> Outcome:
    """4xx: later. 5xx: never, and the step at which it came says how far it reaches."""
    if code < 500:
        return Retry(PUT_OFF, "put-off")
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    note = f"{code} {text}".replace(letter.to, "***")
    reason = "address-unknown" if stands is Stands.PERSON else "refused"
    return Rejected(reason, stands, note[:LONGEST_NOTE])
