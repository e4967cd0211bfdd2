"""Every route knows who asks, and every write may be retried, or is listed here with its reason."""

from collections.abc import Callable, Iterator
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from app.accounts import deps as accounts
from app.opinions import deps as opinions
from app.partners import deps as partners

APIS = ("/api/v1/", "/api/public/v1/", "/api/partner/v1/")
ACTORS: set[Callable[..., Any]] = {accounts.current_actor, accounts.quick_actor, partners.current_partner}
CLAIMS: set[Callable[..., Any]] = {accounts.claimed, opinions.claimed_by_anyone, partners.claimed_by_partner}

# For anybody: residents and their pages, operation, log-in itself.
PUBLIC = (
    "/api/public/v1/",
    "/api/v1/auth/",
    "/api/partner/v1/oauth/token",
    "/wechat/push/",  # signed by WeChat
    "/health/",
    "/metrics",
    "/s/",
    "/o",
)
PUBLIC_EXACTLY = {"/"}
# Work outside a transaction: they ask who it is in a short unit of their own.
OWN_UNIT = {
    "/api/v1/uploads",
    "/api/v1/stations/{id}/poster.png",
    "/api/v1/stations/{id}/poster.pdf",
}
# Exempt by design.md 3.11, but for the last: it claims its key in the one statement that does all.
KEYLESS = {
    "/api/v1/auth/password",
    "/api/v1/auth/wechat",
    "/api/v1/auth/wechat/binding",
    "/api/v1/auth/refresh",
    "/api/v1/auth/logout",
    "/api/v1/uploads",
    "/api/public/v1/uploads",
    "/api/partner/v1/oauth/token",
    "/api/partner/v1/uploads",
    "/api/public/v1/opinions",
}


def asked(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    """Everything a route depends on, at any depth."""
    if dependant.call is not None:
        yield dependant.call
    for below in dependant.dependencies:
        yield from asked(below)


def routes(app: FastAPI) -> list[RouteContext]:
    # Included routers are not flattened into app.routes (FastAPI 0.165).
    return [r for r in iter_route_contexts(app.routes) if isinstance(r.original_route, APIRoute)]


def anonymous(app: FastAPI) -> set[str]:
    return {
        str(route.path)
        for route in routes(app)
        if not ACTORS & set(asked(route.dependant))
        and not str(route.path).startswith(PUBLIC)
        and route.path not in PUBLIC_EXACTLY | OWN_UNIT
    }


def unclaimed(app: FastAPI) -> set[str]:
    return {
        str(route.path)
        for route in routes(app)
        if "POST" in (route.methods or ())
        and str(route.path).startswith(APIS)
        and not CLAIMS & set(asked(route.dependant))
    }


def test_every_route_knows_who_asks_or_is_for_anybody(app: FastAPI) -> None:
    assert len(routes(app)) > 50
    assert anonymous(app) == set()


def test_every_write_of_the_three_apis_claims_its_key_or_is_exempt(app: FastAPI) -> None:
    assert unclaimed(app) == KEYLESS


def test_a_route_that_asks_nobody_and_claims_nothing_is_found(app: FastAPI) -> None:
    stray = APIRouter(prefix="/api/v1")

    @stray.post("/stray")
    async def act() -> None:
        """Lets anybody do anything, twice."""

    app.include_router(stray)
    assert anonymous(app) == {"/api/v1/stray"}
    assert unclaimed(app) - KEYLESS == {"/api/v1/stray"}


def test_only_get_post_put_and_delete_are_spoken(app: FastAPI) -> None:
    """`wx.request` has no PATCH."""
    spoken = {method for route in routes(app) for method in route.methods or ()}
    assert spoken <= {"GET", "HEAD", "POST", "PUT", "DELETE"}
