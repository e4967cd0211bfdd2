"""Review (审核): accept, send back, transfer, merge; and what goes up to the county."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.accounts.errors import PermissionMissing
from app.accounts.permissions import Permission, Role
from app.directory import queries as directory
from app.suggestions import queries
from app.suggestions.errors import MergeTargetWrong, ReasonCodeMissing, ReasonMissing
from app.suggestions.events import (
    SuggestionAccepted,
    SuggestionElevated,
    SuggestionMerged,
    SuggestionSentBack,
    SuggestionTransferred,
)
from app.suggestions.models import Suggestion
from app.suggestions.oversight_models import Elevation
from app.suggestions.states import Act
from app.suggestions.steps import Doing, announce, step
from app.suggestions.workflow import ENDED


def need_office(actor: Actor, suggestion: Suggestion) -> None:
    """The office or the chair of the congress that received it."""
    roles = (Role.CONGRESS_OFFICE, Role.PRESIDIUM_CHAIR)
    if not (actor.in_county(*roles) or suggestion.region_id in actor.scopes(*roles)):
        raise PermissionMissing(Permission.SUGGESTION_REVIEW)


async def accept(tx: AsyncSession, suggestion: Suggestion, doing: Doing) -> None:
    """Plain acceptance by the office alone: the suggestion gets its number (立案编号)."""
    await step(tx, suggestion, Act.ACCEPT_FOR_HANDLING, doing)
    suggestion.number = suggestion.number or await _number(tx, suggestion)
    suggestion.accepted_at = doing.now
    announce(tx, SuggestionAccepted, suggestion, doing)


async def _number(tx: AsyncSession, suggestion: Suggestion) -> str:
    """第{届}届…第{n}号: given once, never reused, also if the suggestion is later withdrawn."""
    found = await directory.seat(tx, suggestion.delegate_id)
    term = found[0].term if found else 0
    meeting = await queries.session(tx, suggestion.session_id) if suggestion.session_id else None
    series = f"第{meeting.term}届{meeting.number}次会议" if meeting else f"第{term}届闭会"
    n = await queries.next_number(tx, suggestion.congress_id, series)
    return f"{series}第{n}号"


async def send_back(tx: AsyncSession, suggestion: Suggestion, reason_code: str | None, doing: Doing) -> None:
    """Return it to the delegate with the reason; it may be mended and handed in again."""
    if not (reason_code or doing.words or doing.historic):
        raise ReasonCodeMissing
    await step(tx, suggestion, Act.SEND_BACK, doing)
    announce(tx, SuggestionSentBack, suggestion, doing)


async def transfer(
    tx: AsyncSession, suggestion: Suggestion, *, to: str | None, reference: str | None, doing: Doing
) -> None:
    """Move it to whoever is competent (转出), with the reason and a reference."""
    if not to or not doing.words:
        raise ReasonMissing("reason" if to else "to")
    await step(tx, suggestion, Act.TRANSFER, doing)
    suggestion.transferred_to, suggestion.reference = to, reference
    announce(tx, SuggestionTransferred, suggestion, doing, to=to)


async def merge(tx: AsyncSession, suggestion: Suggestion, into_id: UUID | None, doing: Doing) -> None:
    """并案: handled together, answered and evaluated one by one."""
    target = await tx.get(Suggestion, into_id, with_for_update=True) if into_id else None
    if target is None or target.id == suggestion.id or target.congress_id != suggestion.congress_id:
        raise MergeTargetWrong
    if target.state in ENDED or target.state == "draft":
        raise MergeTargetWrong
    await step(tx, suggestion, Act.MERGE, doing)
    suggestion.merged_into_id = target.id
    announce(tx, SuggestionMerged, suggestion, doing, into_id=target.id)


async def unmerge(tx: AsyncSession, suggestion: Suggestion, doing: Doing) -> None:
    """Handle it alone again: the review begins anew."""
    await step(tx, suggestion, Act.UNMERGE, doing)
    suggestion.merged_into_id = None


async def elevate(tx: AsyncSession, suggestion: Suggestion, *, to: str, reason: str, doing: Doing) -> None:
    """What belongs to the county goes up, stays linked, and the delegate is told."""
    await step(tx, suggestion, Act.ELEVATE, doing)
    tx.add(Elevation(suggestion_id=suggestion.id, goes_to=to, reason=reason, at=doing.now))
    announce(tx, SuggestionElevated, suggestion, doing, to=to)
