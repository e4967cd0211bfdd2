"""How a partner asks for a token: form or JSON, credentials in the body or as HTTP Basic (pure)."""

import binascii
import json
from base64 import b64decode
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote_plus

from app.partners.errors import ClientUnknown, GrantUnsupported, RequestInvalid

GRANT = "client_credentials"


@dataclass(frozen=True)
class TokenRequest:
    client_id: str
    client_secret: str = field(repr=False)
    scope: str | None


def token_request(media_type: str, body: bytes, authorization: str | None) -> TokenRequest:
    """What is asked for. Raises RequestInvalid, GrantUnsupported, ClientUnknown."""
    asked = _parameters(media_type, body)
    if "grant_type" not in asked:
        raise RequestInvalid("grant_type is missing", "缺少 grant_type，应为 client_credentials")
    if asked["grant_type"] != GRANT:
        raise GrantUnsupported
    client_id, secret = _credentials(asked, authorization)
    if not (client_id + secret).isascii() or not (client_id + secret).isprintable():
        raise ClientUnknown  # ours are printable ASCII, and nothing else fits the database
    return TokenRequest(client_id, secret, asked.get("scope"))


def _parameters(media_type: str, body: bytes) -> dict[str, str]:
    try:
        text = body.decode()
        if media_type.partition(";")[0].strip().lower() == "application/json":
            pairs = json.loads(text, object_pairs_hook=list)
        else:
            pairs = parse_qsl(text, keep_blank_values=True)
        asked = dict(pairs)
    except (ValueError, TypeError, RecursionError) as error:
        raise _unreadable() from error
    if len(asked) != len(pairs) or not all(isinstance(value, str) for value in asked.values()):
        raise _unreadable()
    return asked


def _unreadable() -> RequestInvalid:
    return RequestInvalid(
        "body must be form-encoded or a JSON object of strings, no parameter twice",
        "请求体应为表单或 JSON 对象，值为文字，参数不能重复",
    )


def _credentials(asked: dict[str, str], authorization: str | None) -> tuple[str, str]:
    if authorization is None:
        return asked.get("client_id", ""), asked.get("client_secret", "")
    if "client_secret" in asked:
        raise RequestInvalid("credentials were given twice", "凭证只能用一种方式提交：请求头或请求体")
    return _basic(authorization)


def _basic(authorization: str) -> tuple[str, str]:
    """RFC 6749 §2.3.1: both parts are form-encoded before they are joined."""
    scheme, _, encoded = authorization.partition(" ")
    try:
        if scheme.lower() != "basic":
            raise ClientUnknown
        client_id, _, secret = b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError) as error:
        raise ClientUnknown from error
    return unquote_plus(client_id), unquote_plus(secret)
