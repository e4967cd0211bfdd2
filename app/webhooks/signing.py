"""Standard Webhooks 1.0: HMAC-SHA256 over `id.timestamp.body` with the endpoint's own secret (pure)."""

import hashlib
import hmac
import secrets
from base64 import b64decode, b64encode

PREFIX = "whsec_"
SECRET_BYTES = 32


def new_secret() -> str:
    return PREFIX + b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signature(secret: str, *, id: str, timestamp: int, body: bytes) -> str:
    """`v1,<base64>`. `timestamp`: Unix seconds of this attempt."""
    key = b64decode(secret.removeprefix(PREFIX), validate=True)
    signed = b".".join((id.encode(), str(timestamp).encode(), body))
    return "v1," + b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def headers(secret: str, *, id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """`id` is the same on every attempt, so that the receiver can tell a repetition."""
    return {
        "webhook-id": id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(secret, id=id, timestamp=timestamp, body=body),
    }
