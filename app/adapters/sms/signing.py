"""The two request signatures: Tencent's TC3-HMAC-SHA256 and Aliyun's ACS3-HMAC-SHA256. Pure.

Tencent: "签名方法 v3", clock within 5 minutes. Aliyun: "V3版本请求体&签名机制", within 15 minutes.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote

JSON = "application/json; charset=utf-8"
NO_BODY = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True)
class Key:
    """SecretId and SecretKey at Tencent, AccessKey ID and secret at Aliyun."""

    id: str
    secret: str = field(repr=False)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


@dataclass(frozen=True)
class Tc3:
    """One POST of a JSON body to `host` (as in the Host header, port included)."""

    host: str
    service: str
    body: bytes = field(repr=False)
    at: datetime

    @property
    def timestamp(self) -> str:
        return str(int(self.at.timestamp()))

    @property
    def date(self) -> str:
        return f"{self.at.astimezone(UTC):%Y-%m-%d}"

    @property
    def scope(self) -> str:
        return f"{self.date}/{self.service}/tc3_request"

    def canonical_request(self) -> str:
        headers = f"content-type:{JSON}\nhost:{self.host}\n"
        digest = hashlib.sha256(self.body).hexdigest()
        return "\n".join(["POST", "/", "", headers, "content-type;host", digest])

    def string_to_sign(self) -> str:
        return "\n".join(["TC3-HMAC-SHA256", self.timestamp, self.scope, _sha256(self.canonical_request())])

    def signature(self, key: Key) -> str:
        dated = _hmac(b"TC3" + key.secret.encode(), self.date)
        signing = _hmac(_hmac(dated, self.service), "tc3_request")
        return _hmac(signing, self.string_to_sign()).hex()

    def headers(self, key: Key) -> dict[str, str]:
        credential = f"Credential={key.id}/{self.scope}"
        signed = f"SignedHeaders=content-type;host, Signature={self.signature(key)}"
        return {
            "Authorization": f"TC3-HMAC-SHA256 {credential}, {signed}",
            "Content-Type": JSON,
            "Host": self.host,
            "X-TC-Timestamp": self.timestamp,
        }


@dataclass(frozen=True)
class Acs3:
    """One POST without a body; `query` carries the action's parameters, personal data too."""

    host: str
    action: str
    version: str
    query: Mapping[str, str] = field(repr=False)
    at: datetime
    nonce: str

    def query_string(self) -> str:
        pairs = sorted(self.query.items())
        return "&".join(f"{_rfc3986(name)}={_rfc3986(value)}" for name, value in pairs)

    def signed_headers(self) -> dict[str, str]:
        return {
            "host": self.host,
            "x-acs-action": self.action,
            "x-acs-content-sha256": NO_BODY,
            "x-acs-date": f"{self.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "x-acs-signature-nonce": self.nonce,
            "x-acs-version": self.version,
        }

    def canonical_request(self) -> str:
        headers = self.signed_headers()
        lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
        return "\n".join(["POST", "/", self.query_string(), lines, ";".join(headers), NO_BODY])

    def string_to_sign(self) -> str:
        return f"ACS3-HMAC-SHA256\n{_sha256(self.canonical_request())}"

    def signature(self, key: Key) -> str:
        return _hmac(key.secret.encode(), self.string_to_sign()).hex()

    def headers(self, key: Key) -> dict[str, str]:
        headers = self.signed_headers()
        signed = f"SignedHeaders={';'.join(headers)},Signature={self.signature(key)}"
        return {**headers, "Authorization": f"ACS3-HMAC-SHA256 Credential={key.id},{signed}"}


def _rfc3986(text: str) -> str:
    return quote(text, safe="~")
