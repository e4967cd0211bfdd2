"""The token endpoint's answers (RFC 6749 §5)."""

from typing import Literal

from pydantic import BaseModel


class TokenOut(BaseModel):
    """`expires_in`: seconds. `scope`: blank-separated."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105
    expires_in: int
    scope: str


class TokenRefusedOut(BaseModel):
    """`detail`: the same in Chinese."""

    error: str
    error_description: str
    detail: str
