"""A partner's bearer token: a JWT of 15 minutes, of another `typ` than a person's. Machine time."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from app.accounts import tokens
from app.accounts.errors import TokenExpired, TokenInvalid
from app.infra.crypto import Vault
from app.partners.errors import PartnerTokenExpired, PartnerTokenInvalid
from app.partners.models import PartnerClient, PartnerId

PARTNER = "partner+jwt"
LIFE = timedelta(minutes=15)


def issue(vault: Vault, client: PartnerClient, scopes: Sequence[str], *, at: datetime) -> str:
    return tokens.sign(
        vault,
        PARTNER,
        sub=str(client.id),
        life=LIFE,
        at=at,
        client_id=client.client_id,
        scope=" ".join(scopes),
    )


def read(vault: Vault, token: str, *, at: datetime) -> tuple[PartnerId, frozenset[str]]:
    """Who, and with which scopes. Raises PartnerTokenInvalid, PartnerTokenExpired."""
    try:
        claims = tokens.read(vault, PARTNER, token, at=at)
        return PartnerId(UUID(claims["sub"])), frozenset(str(claims["scope"]).split())
    except TokenExpired as error:
        raise PartnerTokenExpired from error
    except (TokenInvalid, KeyError, ValueError) as error:
        raise PartnerTokenInvalid from error
