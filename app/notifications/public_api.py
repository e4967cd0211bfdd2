"""`/api/public/v1/alert-links`: what a signed link in a text message opens, without a log-in.

Looking marks nothing as read: phones fetch links to preview them. A tap does.
"""

from fastapi import APIRouter

from app.infra.crypto import vault_of
from app.infra.deps import Now, Tx
from app.infra.unit_route import UnitRoute
from app.kernel.clock import machine_now
from app.notifications import links
from app.notifications.models import InboxItem
from app.notifications.schemas import LinkOut

router = APIRouter(prefix="/alert-links", tags=["alerts"], route_class=UnitRoute)


@router.get("/{token}")
async def opened(token: str, tx: Tx) -> LinkOut:
    """What the message was about. Raises LinkSpent after three days, or if a character is changed."""
    item = await tx.get(InboxItem, links.read(vault_of(tx), token, machine_now()))
    if item is None:
        raise links.LinkSpent
    return LinkOut.model_validate(item)


@router.post("/{token}/read")
async def read(token: str, tx: Tx, now: Now) -> LinkOut:
    """I have read it; the first time counts."""
    item = await tx.get(InboxItem, links.read(vault_of(tx), token, machine_now()), with_for_update=True)
    if item is None:
        raise links.LinkSpent
    item.read_at = item.read_at or now
    return LinkOut.model_validate(item)
