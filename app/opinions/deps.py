"""What the residents' side asks for: a claimed key without a log-in, and budgets against floods."""

import hashlib
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Request

from app.infra.deps import Tx, claim_key
from app.infra.ratelimit import Budget
from app.settings import Settings


@dataclass
class Budgets:
    """Per station, device and text, not per address alone: a station's Wi-Fi is one address."""

    station: Budget
    device: Budget
    same_text: Budget
    receipts: Budget

    @classmethod
    def of(cls, settings: Settings) -> "Budgets":
        return cls(
            station=Budget(settings.opinions_per_station_hour, 3600),
            device=Budget(settings.opinions_per_device_hour, 3600),
            same_text=Budget(3, 24 * 3600),
            receipts=Budget(30, 600),
        )


async def budgets(request: Request) -> Budgets:
    found: Budgets = request.app.state.budgets
    return found


async def device(request: Request) -> str:
    """A digest of address and browser: told apart, not remembered."""
    host = request.client.host if request.client else ""
    agent = request.headers.get("user-agent", "")
    return hashlib.sha256(f"{host}|{agent}".encode()).hexdigest()[:24]


Flood = Annotated[Budgets, Depends(budgets)]
Device = Annotated[str, Depends(device)]


async def claimed_by_anyone(
    request: Request, tx: Tx, idempotency_key: Annotated[str | None, Header()] = None
) -> None:
    """On POST, claim the key in the residents' scope: a UUID or 128 random bits."""
    if request.method == "POST":
        await claim_key(request, tx, client="resident", key=idempotency_key, public=True)
