"""Which partner system asks, what it may do, and how much of its quota is left."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Header, Request, Response
from fastapi.openapi.models import OAuthFlowClientCredentials, OAuthFlows
from fastapi.security import OAuth2

from app.infra.crypto import vault_of
from app.infra.deps import Tx, claim_key
from app.kernel.clock import machine_now
from app.partners import queries, quota, tokens
from app.partners.caller import Partner
from app.partners.errors import PartnerTokenInvalid, PartnerTokenMissing
from app.partners.quota import Usage
from app.partners.scopes import Scope

TOKEN_URL = "/api/partner/v1/oauth/token"  # noqa: S105
bearer = OAuth2(
    flows=OAuthFlows(
        clientCredentials=OAuthFlowClientCredentials(
            tokenUrl=TOKEN_URL, scopes={scope.value: scope.value for scope in Scope}
        )
    ),
    scheme_name="partner",
    auto_error=False,
)
Authorization = Annotated[str | None, Depends(bearer)]


async def current_partner(request: Request, response: Response, authorization: Authorization) -> Partner:
    """The active partner behind a valid token of this tenant; one request of its quota is counted."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise PartnerTokenMissing
    partner, usage = await _counted(request, token.strip())
    if usage is not None:
        response.headers.update(usage.headers)
        usage.check()
    return partner


async def _counted(request: Request, token: str) -> tuple[Partner, Usage | None]:
    """A short unit of its own, before the request's first statement: refused requests count as well,
    and requests of one partner do not wait for each other. Nothing is counted while a county moves.
    """
    tenant, at = request.state.tenant, machine_now()
    async with request.app.state.database.unit(tenant, write=False) as tx:
        id, scopes = tokens.read(vault_of(tx), token, at=at)
        client = await queries.active(tx, id)
        if client is None:
            raise PartnerTokenInvalid
        held = scopes & set(client.scopes)
        partner = Partner(client.id, client.client_id, client.name, held, client.quota)
        if tenant.state != "live":
            return partner, None
        return partner, await quota.count(tx, client.id, client.quota, at=at)


CurrentPartner = Annotated[Partner, Depends(current_partner)]


def scoped(scope: str) -> Callable[[Partner], Awaitable[Partner]]:
    """A dependency that lets through only a partner whose token carries the scope."""
    needed = Scope(scope)

    async def check(partner: CurrentPartner) -> Partner:
        partner.need(needed)
        return partner

    return check


async def claimed_by_partner(
    request: Request,
    tx: Tx,
    partner: CurrentPartner,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> None:
    """On POST, claim the Idempotency-Key for this partner (after it is known who asks)."""
    if request.method == "POST":
        await claim_key(request, tx, client=partner.label, key=idempotency_key)
