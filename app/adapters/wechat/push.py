"""What WeChat pushes to us (消息推送): is it WeChat, and what does it say. Pure.

Choose JSON and the safe mode in WeChat's console. In plain mode the signature does not cover the
body, so whoever saw one signed URL can forge events; it is for development only.
"""

import base64
import hashlib
import hmac
import json
import secrets
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from app.kernel.errors import Refused

BLOCK = 32  # WeChat pads to 32, not to AES's 16
RANDOM = 16
LENGTH = 4


class PushRefused(Refused):
    code = "wechat-push-refused"

    def __init__(self) -> None:
        super().__init__("推送签名不正确")


def signature(*parts: str) -> str:
    """Of token, timestamp and nonce; in safe mode also of the encrypted text."""
    # SHA-1 is WeChat's choice.
    return hashlib.sha1("".join(sorted(parts)).encode(errors="replace")).hexdigest()  # noqa: S324


class PushCrypto:
    """Safe mode (安全模式): AES-256-CBC around random bytes, length, message, appid."""

    def __init__(self, encoding_aes_key: str, appid: str) -> None:
        """Raises ValueError for a key that is not WeChat's 43 characters."""
        self._key = base64.b64decode(encoding_aes_key + "=", validate=True)
        self._appid = appid.encode()
        if len(self._key) != 32:
            raise ValueError("EncodingAESKey has 43 characters")

    def decrypt(self, encrypted: str) -> bytes:
        try:
            raw = base64.b64decode(encrypted, validate=True)
            decryptor = self._cipher().decryptor()
            plain = _unpad(decryptor.update(raw) + decryptor.finalize())
        except ValueError:
            raise PushRefused from None
        return self._message(plain)

    def encrypt(self, message: bytes, *, random: bytes | None = None) -> str:
        head = (random or secrets.token_bytes(RANDOM)) + struct.pack(">I", len(message))
        encryptor = self._cipher().encryptor()
        padded = _pad(head + message + self._appid)
        return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()

    def _cipher(self) -> Cipher[modes.CBC]:
        return Cipher(algorithms.AES256(self._key), modes.CBC(self._key[:16]))

    def _message(self, plain: bytes) -> bytes:
        start = RANDOM + LENGTH
        if len(plain) < start:
            raise PushRefused
        (length,) = struct.unpack(">I", plain[RANDOM:start])
        message, appid = plain[start : start + length], plain[start + length :]
        if len(message) != length or not hmac.compare_digest(appid, self._appid):
            raise PushRefused
        return message


def _pad(data: bytes) -> bytes:
    count = BLOCK - len(data) % BLOCK
    return data + bytes([count]) * count


def _unpad(data: bytes) -> bytes:
    count = data[-1] if data else 0
    if not 1 <= count <= BLOCK or data[-count:] != bytes([count]) * count:
        raise PushRefused
    return data[:-count]


@dataclass(frozen=True)
class PushReceiver:
    """`crypto` set: only safe mode is taken, so that nobody can fall back to plain."""

    token: str = field(repr=False)
    crypto: PushCrypto | None = None

    def echo(self, query: Mapping[str, str]) -> str:
        """The answer to WeChat's GET, verbatim as text/plain. Raises PushRefused."""
        self._check(query, query.get("signature", ""))
        return query.get("echostr", "")

    def open(self, query: Mapping[str, str], body: bytes) -> dict[str, Any]:
        """The pushed JSON, tidied. Raises PushRefused before anything inside is read."""
        if self.crypto is None:
            self._check(query, query.get("signature", ""))
            return parse(body)
        encrypted = str(parse(body).get("Encrypt", ""))
        self._check(query, query.get("msg_signature", ""), encrypted)
        return parse(self.crypto.decrypt(encrypted))

    def _check(self, query: Mapping[str, str], given: str, *more: str) -> None:
        timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        expected = signature(self.token, timestamp, nonce, *more)
        # An unset token would let everybody sign.
        if not self.token or not hmac.compare_digest(given.encode(), expected.encode()):
            raise PushRefused


def parse(body: bytes) -> dict[str, Any]:
    """An object, tidied. Raises PushRefused, also for nesting meant to exhaust the stack."""
    try:
        parsed = tidy(json.loads(body))
    except (ValueError, RecursionError):
        raise PushRefused from None
    if not isinstance(parsed, dict):
        raise PushRefused
    return parsed


def tidy(value: Any) -> Any:
    """WeChat's own samples have stray spaces around keys and values."""
    match value:
        case str():
            return value.strip()
        case list():
            return [tidy(item) for item in value]
        case dict():
            return {str(key).strip(): tidy(item) for key, item in value.items()}
    return value
