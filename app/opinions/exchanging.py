"""Opinions that partner systems push, and the results they bring (12345 热线、县平台).

A partner names what it sends by (source, external id): sending it again gives the first answer, receipt
and all. The table keeps no receipt, so a pushed one is computed from those names under the county's key.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from app.directory import queries as directory
from app.directory.models import Region
from app.infra.crypto import vault_of
from app.infra.db import sql
from app.kernel.ids import ALPHABET
from app.opinions import answering, queries, receiving
from app.opinions.errors import ExternalIdReused, PlaceUnknown, ResultNotYours
from app.opinions.models import Opinion, Source, TransferredTo
from app.opinions.receiving import RECEIPT_LENGTH, From, Received, Words
from app.opinions.rules import Route
from app.opinions.steps import By
from app.opinions.workflow import State

ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext(current_schema()), hashtext(:what))")
BEFORE_ANY_RESULT = {State.RECEIVED, State.REOPENED, State.AWAITING_RESIDENT}


@dataclass(frozen=True)
class Pushed:
    """What a partner sends. `source` is unique among partners; without a place it is the county's."""

    source: str
    words: Words
    owner: str
    external_id: str | None = None
    station_code: str | None = None
    township_code: str | None = None


def source_of(client_id: str, source: str | None) -> str:
    """A partner's namespace, or one of several systems behind it; never another partner's."""
    return f"{client_id}:{source}" if source else client_id


async def take(tx: AsyncSession, pushed: Pushed, by: By) -> tuple[Received, bool]:
    """The opinion and whether it is new. Raises ExternalIdReused for other words under a known id."""
    if pushed.external_id is None:
        return await _record(tx, pushed, by, receipt=None), True
    receipt = _receipt(tx, pushed.source, pushed.external_id)
    await sql(tx, ONE_AT_A_TIME, {"what": f"{pushed.source}|{pushed.external_id}"})
    known = await queries.by_external(tx, pushed.source, pushed.external_id)
    if known is None:
        return await _record(tx, pushed, by, receipt=receipt), True
    _need_same(known, pushed.words)
    return Received(known, receipt, await queries.triage_due(tx, known.id)), False


async def _record(tx: AsyncSession, pushed: Pushed, by: By, *, receipt: str | None) -> Received:
    came = From(Source.PARTNER, pushed.owner, name=pushed.source, external_id=pushed.external_id)
    if pushed.station_code:
        station = await receiving.open_station(tx, pushed.station_code)
        region_id, station_id = station.region_id, station.id
    else:
        region_id, station_id = (await _place(tx, pushed.township_code)).id, None
    words = _never_to_nobody(pushed.words, station_id)
    return await receiving.record(
        tx, words, came, by, region_id=region_id, station_id=station_id, receipt=receipt
    )


def _never_to_nobody(words: Words, station_id: UUID | None) -> Words:
    """Without a station, the township's office is the first desk (a county's region has the county's)."""
    if station_id is None and words.route is Route.STATION:
        return Words(**{**vars(words), "route": Route.TOWNSHIP})
    return words


async def _place(tx: AsyncSession, code: str | None) -> Region:
    if code is None:
        return await directory.county(tx)
    found = await directory.region_by_code(tx, code)
    if found is None:
        raise PlaceUnknown
    return found


def _receipt(tx: AsyncSession, source: str, external_id: str) -> str:
    """98 bits that only the county's key can compute."""
    digest = vault_of(tx).blind_index(f"{source}|{external_id}", purpose="pushed-receipt")
    number, letters = int.from_bytes(digest), ""
    for _ in range(RECEIPT_LENGTH):
        number, place = divmod(number, len(ALPHABET))
        letters += ALPHABET[place]
    return letters


def _need_same(known: Opinion, words: Words) -> None:
    before = (known.content, known.category, known.place, known.confidential)
    if before != (words.content, words.category, words.place, words.confidential):
        raise ExternalIdReused


@dataclass(frozen=True)
class Outcome:
    """What a partner's people did about it; `handled_by` names the office, never a person."""

    content: str
    handled_by: str


async def bring(tx: AsyncSession, opinion: Opinion, outcome: Outcome, client_id: str, by: By) -> None:
    """The partner's result reaches the resident. Saying the same again changes nothing.

    For what the partner itself pushed and nobody has answered, and for what was moved to the hotline.
    Raises ResultNotYours, StepNotAllowed.
    """
    if (opinion.result, opinion.result_by) == (outcome.content, outcome.handled_by):
        return
    _need_turn(opinion, client_id)
    await answering.bring_from_outside(tx, opinion, outcome.content, outcome.handled_by, by)


def _need_turn(opinion: Opinion, client_id: str) -> None:
    pushed = opinion.source == Source.PARTNER and opinion.source_name.partition(":")[0] == client_id
    waiting = State(opinion.state) in BEFORE_ANY_RESULT
    if opinion.transferred_to != TransferredTo.HOTLINE and not (pushed and waiting):
        raise ResultNotYours
