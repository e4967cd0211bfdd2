"""The pushes WeChat would send to our callback, signed; whoever drives the demo posts them."""

import base64
import hashlib
import json
import secrets
import struct
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


@dataclass(frozen=True)
class SignedPush:
    """`query` of the callback's URL and the body of the POST."""

    query: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class PushSigner:
    """`aes_key`: 43 characters for safe mode, empty for plain."""

    appid: str
    token: str
    aes_key: str = ""

    def sign(self, push: dict[str, Any], *, at: datetime) -> SignedPush:
        message = json.dumps(push, ensure_ascii=False).encode()
        query = {"timestamp": str(int(at.timestamp())), "nonce": secrets.token_hex(5)}
        signed = {**query, "signature": self._digest(*query.values())}
        if not self.aes_key:
            return SignedPush(signed, message)
        sealed = self._seal(message)
        safe = {"encrypt_type": "aes", "msg_signature": self._digest(*query.values(), sealed)}
        body = json.dumps({"ToUserName": push.get("ToUserName"), "Encrypt": sealed}).encode()
        return SignedPush(signed | safe, body)

    def _digest(self, *parts: str) -> str:
        # SHA-1 is WeChat's choice.
        return hashlib.sha1("".join(sorted([self.token, *parts])).encode()).hexdigest()  # noqa: S324

    def _seal(self, message: bytes) -> str:
        key = base64.b64decode(self.aes_key + "=")
        plain = secrets.token_bytes(16) + struct.pack(">I", len(message)) + message
        plain += self.appid.encode()
        padding = 32 - len(plain) % 32
        cipher = Cipher(algorithms.AES256(key), modes.CBC(key[:16])).encryptor()
        sealed = cipher.update(plain + bytes([padding] * padding)) + cipher.finalize()
        return base64.b64encode(sealed).decode()
