"""A form's hidden key: pressing twice, or reloading, is one act and gives the same answer."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from fastapi import Request
from sqlmodel.ext.asyncio.session import AsyncSession

from app.infra.deps import make_claim
from app.infra.idempotency import claim_of, read_key


async def claim(request: Request, tx: AsyncSession, key: str, said: Mapping[str, Any]) -> None:
    """Claim `key` for what was said, or answer as the first time (`idempotency.Replay`).

    Browsers make a new multipart boundary for every sending, so the fields count, not the bytes;
    of photos, their SHA-256.
    """
    asked = claim_of(
        read_key(key, public=True),
        tenant=request.state.tenant.slug,
        client="resident",
        route=f"{request.method} {request.url.path}",
        body=json.dumps(said, sort_keys=True).encode(),
    )
    await make_claim(request, tx, asked)


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
