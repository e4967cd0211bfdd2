"""`/api/v1/auth/*` and `/api/v1/me`."""

from fastapi import APIRouter, Request

from app.accounts import logging_in, queries, tokens
from app.accounts.actor import Actor, Post
from app.accounts.deps import CurrentActor, UnitsOf
from app.accounts.errors import BindingIncomplete, SessionEnded
from app.accounts.logging_in import Tokens, Units
from app.accounts.models import AccountId
from app.accounts.permissions import ScopeKind
from app.accounts.schemas import (
    MeOut,
    PasswordLogin,
    PlaceOut,
    RefreshIn,
    SeatOut,
    TokensOut,
    WechatBindingIn,
    WechatLogin,
)
from app.infra.crypto import vault_of
from app.infra.deps import Tx
from app.infra.unit_route import UnitRoute
from app.kernel.clock import machine_now

# `/auth/*` is exempt from idempotency keys (design.md 3.11). The acts of `auth` open their own units.
auth = APIRouter(prefix="/auth", tags=["log-in"])
leaving = APIRouter(route_class=UnitRoute)
router = APIRouter(tags=["log-in"], route_class=UnitRoute)


def _place(post: Post | None) -> PlaceOut | None:
    if post is None or post.scope_id is None:
        return None
    return PlaceOut(id=post.scope_id, name=post.scope_name)


def me_of(actor: Actor) -> MeOut:
    def first(kind: ScopeKind) -> Post | None:
        return next((post for post in actor.posts if post.scope_kind is kind), None)

    return MeOut(
        id=actor.id,
        name=actor.name,
        roles=actor.roles,
        seats=[
            SeatOut(delegate_id=s.delegate_id, congress_id=s.scope_id, level=s.level or "township")
            for s in actor.seats
            if s.delegate_id and s.scope_id
        ],
        unit=_place(first(ScopeKind.UNIT)),
        station=_place(first(ScopeKind.STATION)),
        township=_place(first(ScopeKind.TOWNSHIP)),
    )


async def _answer(units: Units, issued: Tokens) -> TokensOut:
    async with units() as tx:
        at = machine_now()
        account, session = tokens.read_access(vault_of(tx), issued.access_token, at=at)
        actor = await queries.acting(tx, AccountId(account), session, at=at)
    if actor is None:
        raise SessionEnded
    return TokensOut(
        access_token=issued.access_token,
        expires_in=issued.expires_in,
        refresh_token=issued.refresh_token,
        account=me_of(actor),
    )


@auth.post("/password")
async def log_in_by_password(body: PasswordLogin, units: UnitsOf) -> TokensOut:
    """Staff log in with name and password; five failures lock the name for 30 minutes."""
    return await _answer(units, await logging_in.by_password(units, body.username, body.password))


@auth.post("/wechat")
async def log_in_by_wechat(body: WechatLogin, request: Request, units: UnitsOf) -> TokensOut:
    """Exchange a `wx.login` code. Unknown WeChat user: 409 `wechat-not-bound` with a `binding_token`."""
    door = request.app.state.wechat_door
    openid = await door.openid(body.code)
    return await _answer(units, await logging_in.by_wechat(units, appid=door.appid, openid=openid))


@auth.post("/wechat/binding")
async def bind_wechat(body: WechatBindingIn, request: Request, units: UnitsOf) -> TokensOut:
    """Bind by the roster's phone (WeChat's phone button) or by an invite code."""
    if (body.phone_code is None) == (body.invite_code is None):
        raise BindingIncomplete
    async with units() as tx:
        appid, openid = tokens.read_binding(vault_of(tx), body.binding_token, at=machine_now())
    phone = None
    if body.phone_code is not None:
        phone = await request.app.state.wechat_door.phone(body.phone_code, openid)
    issued = await logging_in.bind(
        units, appid=appid, openid=openid, phone=phone, invite_code=body.invite_code
    )
    return await _answer(units, issued)


@auth.post("/refresh")
async def refresh(body: RefreshIn, units: UnitsOf) -> TokensOut:
    """Rotate the refresh token. One that was spent before ends the whole session."""
    return await _answer(units, await logging_in.refresh(units, body.refresh_token))


@leaving.post("/logout", status_code=204)
async def log_out(actor: CurrentActor, tx: Tx) -> None:
    """End this log-in; its tokens are dead at once."""
    if actor.session_id:
        await logging_in.log_out(tx, actor.session_id)


@router.get("/me")
async def me(actor: CurrentActor) -> MeOut:
    """Who I am here, with my roles, seats and places."""
    return me_of(actor)


auth.include_router(leaving)
