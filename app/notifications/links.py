"""Short-lived signed links for messages that a browser opens: an HMAC over one inbox item, no token."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.infra.crypto import Vault, derive, vault_of
from app.kernel.errors import NotFound

PATH = "/api/public/v1/alert-links"
GOOD_FOR = timedelta(days=4)  # from the beginning of the day: three whole days
TAG = 16  # bytes of the HMAC that are kept: 128 bits
PURPOSE = "alert-link"


class LinkSpent(NotFound):
    """Expired, altered, or of another county: the answer is the same."""

    code = "alert-link-spent"

    def __init__(self) -> None:
        super().__init__("这个链接已失效，请登录后在“消息”中查看")


class LinkBase(str):
    """Where this installation is found from outside; an errand finds it by this type."""

    __slots__ = ()


def signed(tx: AsyncSession, base_url: str, item_id: UUID, machine: datetime) -> str:
    """The whole link, good for three days of machine time; "" where no base is known.

    The same all day long: some channels know a second attempt by its equal text.
    """
    until = machine.replace(hour=0, minute=0, second=0, microsecond=0) + GOOD_FOR
    return f"{base_url}{PATH}/{token(vault_of(tx), item_id, until)}" if base_url else ""


def token(vault: Vault, item_id: UUID, expires_at: datetime) -> str:
    body = item_id.bytes + int(expires_at.timestamp()).to_bytes(5, "big")
    return urlsafe_b64encode(body + _tag(vault, body)).decode().rstrip("=")


def read(vault: Vault, given: str, machine: datetime) -> UUID:
    """The inbox item the link opens. Raises LinkSpent."""
    try:
        raw = urlsafe_b64decode(given + "=" * (-len(given) % 4))
    except ValueError:
        raise LinkSpent from None
    body, tag = raw[:-TAG], raw[-TAG:]
    if len(body) != 21 or not hmac.compare_digest(tag, _tag(vault, body)):
        raise LinkSpent
    if datetime.fromtimestamp(int.from_bytes(body[16:], "big"), UTC) <= machine:
        raise LinkSpent
    return UUID(bytes=body[:16])


def _tag(vault: Vault, body: bytes) -> bytes:
    key = derive(vault.index_key, vault.slug.encode(), PURPOSE)
    return hmac.new(key, body, sha256).digest()[:TAG]
