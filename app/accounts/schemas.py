"""Bodies of log-in and of `/me`."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from app.infra.schemas import Body, Out
from app.kernel.text import Line

Short = Annotated[str, Line(256)]


class WechatLogin(Body):
    code: Short


class WechatBindingIn(Body):
    binding_token: Annotated[str, StringConstraints(min_length=1, max_length=2048)]
    phone_code: Short | None = None
    invite_code: Short | None = None


class PasswordLogin(Body):
    username: Short
    password: Annotated[str, StringConstraints(min_length=1, max_length=256)]
    otp: Annotated[str, StringConstraints(max_length=16)] | None = None


class RefreshIn(Body):
    refresh_token: Short


class SeatOut(Out):
    delegate_id: UUID
    congress_id: UUID
    level: str


class PlaceOut(Out):
    id: UUID
    name: str


class MeOut(Out):
    id: UUID
    name: str
    roles: list[str]
    seats: list[SeatOut] = Field(default_factory=list)
    unit: PlaceOut | None = None
    station: PlaceOut | None = None
    township: PlaceOut | None = None


class TokensOut(Out):
    """`expires_in`: seconds. The refresh token is good once."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105 - the scheme's name
    expires_in: int
    refresh_token: str
    account: MeOut
