"""A resident speaks: the opinion, its photos, its receipt and its clock in one transaction."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.deadlines.models import Deadline
from app.deadlines.queries import open_of_subject_for_update
from app.infra.crypto import Vault, vault_of
from app.kernel.ids import random_code
from app.opinions.events import OpinionReceived
from app.opinions.models import Opinion, OpinionPhoto, Source
from app.opinions.rules import Category, Route, accuses, audience
from app.opinions.steps import By, append, settle, tell
from app.opinions.workflow import Act
from app.stations import queries as stations
from app.stations.errors import StationClosed, StationUnknown
from app.stations.models import LiaisonStation
from app.uploads import service as uploads

RECEIPT_LENGTH = 20  # 98 random bits


@dataclass(frozen=True)
class Contact:
    name: str
    phone: str
    share_with_unit: bool = False


@dataclass(frozen=True)
class Words:
    """What somebody says, cleaned. `uploads` in the order in which the sender put the photos."""

    content: str
    category: Category | None = None
    place: str | None = None
    contact: Contact | None = None
    route: Route = Route.STATION
    confidential: bool = False
    uploads: Sequence[UUID] = field(default=())

    @property
    def naming(self) -> str:
        """Where somebody may be named: a place is often somebody's door."""
        return f"{self.content}\n{self.place or ''}"


@dataclass(frozen=True)
class From:
    """How it came in. `owner`: who must have sent the photos (uploads.service.claim)."""

    source: Source
    owner: str
    name: str = ""
    external_id: str | None = None


@dataclass(frozen=True)
class Received:
    """`receipt` is known only now: the table keeps a keyed digest. `triage_due_at`: exclusive end."""

    opinion: Opinion
    receipt: str
    triage_due_at: datetime


async def open_station(tx: AsyncSession, code: str) -> LiaisonStation:
    """The station of a printed code; StationUnknown, StationClosed."""
    station = await stations.by_code(tx, code)
    if station is None:
        raise StationUnknown
    if station.closed_at is not None:
        raise StationClosed
    return station


async def receive(tx: AsyncSession, station: LiaisonStation, words: Words, came: From, by: By) -> Received:
    """Record an opinion left at a station."""
    return await record(tx, words, came, by, region_id=station.region_id, station_id=station.id)


async def record(
    tx: AsyncSession,
    words: Words,
    came: From,
    by: By,
    *,
    region_id: UUID,
    station_id: UUID | None = None,
    receipt: str | None = None,
) -> Received:
    """Record an opinion: the words as written, the lowest desk that may read them, a receipt.

    `receipt` only where it must be the same each time it is asked for; else it is random.
    """
    receipt = receipt or random_code(RECEIPT_LENGTH)
    opinion = Opinion(
        station_id=station_id,
        region_id=region_id,
        content=words.content,
        category=words.category,
        place=words.place,
        audience=audience(words.route, words.category, words.naming),
        confidential=words.confidential,
        accusing=accuses(words.category, words.naming),
        source=came.source,
        source_name=came.name,
        external_id=came.external_id,
        receipt_index=receipt_index(tx, receipt),
        created_at=by.now,
    )
    _seal_contact(tx, opinion, words.contact)
    tx.add(opinion)
    await tx.flush()
    await _attach(tx, opinion, words, came)
    append(tx, opinion, Act.RECEIVE, opinion.state, by, None)
    await settle(tx, opinion, by, reason=Act.RECEIVE)
    tell(tx, OpinionReceived, opinion, by)
    [triage] = await _running(tx, opinion)
    return Received(opinion, receipt, triage.due_at)


async def _running(tx: AsyncSession, opinion: Opinion) -> Sequence[Deadline]:
    return await open_of_subject_for_update(tx, opinion.id)


async def _attach(tx: AsyncSession, opinion: Opinion, words: Words, came: From) -> None:
    claimed = await uploads.claim(tx, words.uploads, owner=came.owner)
    for position, upload in enumerate(claimed):
        tx.add(OpinionPhoto(opinion_id=opinion.id, upload_id=upload.id, position=position))


def contact_place(opinion_id: UUID) -> str:
    return f"opinions.contact|{opinion_id}"


def _seal_contact(tx: AsyncSession, opinion: Opinion, contact: Contact | None) -> None:
    if contact is not None:
        opinion.contact_sealed = sealed_contact(vault_of(tx), opinion.id, contact)
        opinion.share_with_unit = contact.share_with_unit


def sealed_contact(vault: Vault, opinion_id: UUID, contact: Contact) -> bytes:
    facts = json.dumps({"name": contact.name, "phone": contact.phone}, ensure_ascii=False)
    return vault.seal(facts, where=contact_place(opinion_id))


def contact_of(tx: AsyncSession, opinion: Opinion) -> Contact | None:
    """The contact in clear: for a reveal that leaves an audit row."""
    if opinion.contact_sealed is None:
        return None
    vault, shared = vault_of(tx), opinion.share_with_unit
    return opened_contact(vault, opinion.id, opinion.contact_sealed, shared)


def opened_contact(vault: Vault, opinion_id: UUID, sealed: bytes, shared: bool) -> Contact:
    facts = json.loads(vault.open(sealed, where=contact_place(opinion_id)))
    return Contact(facts["name"], facts["phone"], shared)


def receipt_index(tx: AsyncSession, receipt: str) -> bytes:
    return receipt_digest(vault_of(tx), receipt)


def receipt_digest(vault: Vault, receipt: str) -> bytes:
    """Look-up of a receipt as people type it: case, spaces and dashes do not matter."""
    plain = "".join(c for c in receipt.upper() if c.isalnum())
    return vault.blind_index(plain, purpose="receipt")
