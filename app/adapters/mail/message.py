"""One e-mail and how it is written down. Pure."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from app.adapters.wechat.values import tidy
from app.kernel.clock import SHANGHAI

ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\-]+@[A-Za-z0-9.\-]+")


@dataclass(frozen=True)
class Mail:
    """`reference`: our id of the delivery, the same at each attempt; letters, digits and `=&-_.` only."""

    to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    reference: str = ""

    def can_be_addressed(self) -> bool:
        return len(self.to) <= 254 and bool(ADDRESS.fullmatch(self.to))


def message_id(mail: Mail, sender: str) -> str:
    """The same at each attempt: many mail systems show equal ones once."""
    left = re.sub(r"[^A-Za-z0-9.\-_]", ".", mail.reference)
    return f"<{left}@{domain_of(sender)}>"


def domain_of(address: str) -> str:
    return address.rpartition("@")[2]


def written(mail: Mail, *, sender: str, at: datetime) -> bytes:
    """RFC 5322, marked as made by a machine (RFC 3834) so that no absence note answers it."""
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = mail.to
    message["Subject"] = tidy(mail.subject)
    message["Date"] = format_datetime(at.astimezone(SHANGHAI))
    message["Message-ID"] = message_id(mail, sender)
    message["Auto-Submitted"] = "auto-generated"
    message["X-Lianluo-Reference"] = mail.reference
    message.set_content(mail.text, charset="utf-8", cte="base64")
    return message.as_bytes()
