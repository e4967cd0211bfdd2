"""Our own tokens: a bearer JWT of 15 minutes, an opaque rotating refresh token, a binding token.

HS256 with a key per tenant and purpose of use in `typ`; `aud` is the tenant, so that one county's token
is nothing to another. Machine time throughout: a demo's moved clock never touches a token.
"""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

import jwt

from app.accounts.errors import TokenExpired, TokenInvalid
from app.accounts.models import AccountId, SessionId
from app.infra.crypto import Vault
from app.kernel.ids import new_id

ISSUER = "lianluo"
ACCESS = "at+jwt"
BINDING = "binding+jwt"
ACCESS_LIFE = timedelta(minutes=15)
BINDING_LIFE = timedelta(minutes=10)
REQUIRED = ["iss", "aud", "sub", "iat", "exp", "jti"]


def sign(vault: Vault, typ: str, *, sub: str, life: timedelta, at: datetime, **claims: Any) -> str:
    """A JWT for this tenant alone; `typ` says what it may be used for. `at` is machine time."""
    kid, key = next(iter(vault.token_keys.items()))
    body = {
        "iss": ISSUER,
        "aud": vault.slug,
        "tenant": vault.slug,
        "sub": sub,
        "iat": int(at.timestamp()),
        "exp": int((at + life).timestamp()),
        "jti": new_id().hex,
        **claims,
    }
    return jwt.encode(body, key, algorithm="HS256", headers={"typ": typ, "kid": str(kid)})


def read(vault: Vault, typ: str, token: str, *, at: datetime) -> dict[str, Any]:
    """The claims of a token of this tenant and `typ`; raises TokenInvalid, TokenExpired."""
    claims = dict(_verified(token, typ, vault.slug, tuple(vault.token_keys.items())))
    if claims["exp"] <= at.timestamp():
        raise TokenExpired
    return claims


# A signature once good stays good; whether it has expired, and whether its session lives, is asked anew
# each time. Verifying was a tenth of a small request's time.
@lru_cache(maxsize=4096)
def _verified(token: str, typ: str, tenant: str, keys: tuple[tuple[int, bytes], ...]) -> dict[str, Any]:
    try:
        header = jwt.get_unverified_header(token)
        key = dict(keys)[int(header.get("kid", ""))]
        if header.get("typ") != typ:
            raise TokenInvalid
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=["HS256"],
            audience=tenant,
            issuer=ISSUER,
            options={"require": REQUIRED, "verify_exp": False, "verify_iat": False},
        )
    except (jwt.InvalidTokenError, KeyError, ValueError) as error:
        raise TokenInvalid from error
    return claims


def access_token(vault: Vault, account: AccountId, session: SessionId, *, at: datetime) -> str:
    return sign(vault, ACCESS, sub=str(account), life=ACCESS_LIFE, at=at, sid=str(session))


def read_access(vault: Vault, token: str, *, at: datetime) -> tuple[AccountId, SessionId]:
    claims = read(vault, ACCESS, token, at=at)
    try:
        return AccountId(UUID(claims["sub"])), SessionId(UUID(claims["sid"]))
    except (KeyError, ValueError) as error:
        raise TokenInvalid from error


def binding_token(vault: Vault, *, appid: str, openid: str, at: datetime) -> str:
    return sign(vault, BINDING, sub=openid, life=BINDING_LIFE, at=at, appid=appid)


def read_binding(vault: Vault, token: str, *, at: datetime) -> tuple[str, str]:
    """(appid, openid)."""
    claims = read(vault, BINDING, token, at=at)
    return str(claims["appid"]), str(claims["sub"])


def new_refresh_token() -> str:
    return secrets.token_urlsafe(32)


def successor(vault: Vault, token: str) -> str:
    """The one token that may follow `token`: a repeated refresh within the grace gets the same again."""
    key = next(iter(vault.token_keys.values()))
    return hmac.new(key, b"refresh|" + token.encode(), hashlib.sha256).hexdigest()


def refresh_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
