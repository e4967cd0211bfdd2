"""`/api/partner/v1/oauth/token`: OAuth 2.0 client credentials."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.deps import UnitsOf
from app.accounts.logging_in import Units
from app.infra.crypto import vault_of
from app.kernel.clock import machine_now
from app.partners import queries, service, tokens
from app.partners.errors import ClientUnknown, OAuthRefused, ScopeRefused
from app.partners.models import PartnerClient
from app.partners.schemas import TokenOut, TokenRefusedOut
from app.partners.scopes import granted
from app.partners.token_request import GRANT, TokenRequest, token_request

# Exempt from idempotency keys (design.md 3.11): a second token does no harm.
oauth = APIRouter(prefix="/oauth", tags=["partner log-in"])

FIELDS: dict[str, Any] = {
    "type": "object",
    "required": ["grant_type"],
    "properties": {
        "grant_type": {"type": "string", "enum": [GRANT]},
        "client_id": {"type": "string"},
        "client_secret": {"type": "string", "format": "password"},
        "scope": {"type": "string", "description": "blank-separated; all that were granted if left out"},
    },
}
REQUEST = {
    "required": True,
    "content": {
        "application/x-www-form-urlencoded": {"schema": FIELDS},
        "application/json": {"schema": FIELDS},
    },
}
REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"model": TokenRefusedOut, "description": "invalid_request, invalid_scope, unsupported_grant_type"},
    401: {"model": TokenRefusedOut, "description": "invalid_client"},
}
NEVER_KEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}


@oauth.post("/token", response_model=TokenOut, responses=REFUSALS, openapi_extra={"requestBody": REQUEST})
async def token(request: Request, units: UnitsOf) -> Response:
    """Exchange client_id and client_secret (in the body, or as HTTP Basic) for a token of 15 minutes."""
    media_type = request.headers.get("content-type", "")
    try:
        asked = token_request(media_type, await request.body(), request.headers.get("authorization"))
        issued = await _issue(units, asked)
    except OAuthRefused as refused:
        return _refusal(refused)
    return JSONResponse(issued.model_dump(), headers=NEVER_KEPT)


async def _issue(units: Units, asked: TokenRequest) -> TokenOut:
    async with units() as tx:
        client = await queries.by_client_id(tx, asked.client_id)
        if service.proves(client, asked.client_secret):
            assert client is not None  # nobody proves to be an unknown client
            return _token(tx, client, asked.scope)
        if client is not None:
            service.note_refused(tx, client)  # committed: the refusal is raised after this unit
    raise ClientUnknown


def _token(tx: AsyncSession, client: PartnerClient, scope: str | None) -> TokenOut:
    try:
        scopes = granted(scope, client.scopes)
    except ValueError as error:
        raise ScopeRefused from error
    return TokenOut(
        access_token=tokens.issue(vault_of(tx), client, scopes, at=machine_now()),
        expires_in=int(tokens.LIFE.total_seconds()),
        scope=" ".join(scopes),
    )


def _refusal(refused: OAuthRefused) -> JSONResponse:
    body = TokenRefusedOut(error=refused.error, error_description=refused.description, detail=refused.detail)
    challenge = {"WWW-Authenticate": "Basic"} if isinstance(refused, ClientUnknown) else {}
    return JSONResponse(body.model_dump(), refused.status, {**NEVER_KEPT, **challenge})
