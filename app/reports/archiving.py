"""The whole file of an archived suggestion, for those who may read all of it.

Its units and other delegates read what they always could, in their own projection; the dossier holds the
evaluations, so it is for the congress and the lead delegate. Reports of pressure on a delegate and the
talk about a withdrawal are no part of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.deadlines import calendars
from app.deadlines import queries as clocks
from app.deadlines.models import Deadline
from app.infra import audit
from app.reports.errors import ArchiveNotYours, NotArchived
from app.reports.packing import MEDIA_TYPE, Package, Record, packed
from app.suggestions import queries
from app.suggestions.models import Assignment, Suggestion, SuggestionUpload
from app.suggestions.oversight_models import Conference, KeyDesignation, PaperFiled, Publication
from app.suggestions.reply_models import Reply
from app.suggestions.states import State
from app.suggestions.visibility import sees_evaluations
from app.uploads.models import Upload

__all__ = ["MEDIA_TYPE", "Dossier", "gathered", "note_taken", "opened"]

# How far the alerts have looked is not a fact of the case.
PASSING = {"looked_through", "next_line", "next_line_at"}


@dataclass(frozen=True)
class Dossier:
    """What the database says; `scans`: name in the package → key of the file in the store."""

    about: dict[str, Any]
    records: list[Record]
    letters: dict[str, bytes]
    scans: dict[str, str]
    at: datetime

    def package(self, contents: dict[str, bytes]) -> Package:
        """With the scans' contents, under the same names. Blocks; call it in a thread."""
        return packed(self.about, self.records, {**self.letters, **contents}, at=self.at)


async def opened(tx: AsyncSession, id: UUID, actor: Actor) -> Suggestion:
    """Raises SuggestionUnknown, ArchiveNotYours (first: a unit must not learn how far it is), NotArchived."""
    found = await queries.seen(tx, id, actor)
    if not sees_evaluations(actor, found):
        raise ArchiveNotYours
    if found.state != State.ARCHIVED or found.archived_at is None:
        raise NotArchived
    return found


async def gathered(tx: AsyncSession, suggestion: Suggestion) -> Dossier:
    """Everything of the file, in an order that never changes."""
    assert suggestion.archived_at is not None  # `opened` refuses others
    every = await queries.assignments(tx, suggestion.id)
    replies = await queries.replies(tx, [a.id for a in every])
    uploads = await _uploads(tx, suggestion)
    records = [
        *_records("suggestion", [suggestion]),
        *await _signers(tx, suggestion),
        *await _units(tx, every, replies),
        *await _oversight(tx, suggestion, every),
        *_records("step", await queries.steps(tx, suggestion.id)),
        *await _clocks(tx, suggestion.id),
        *_records("scan", uploads, only={"id", "sha256", "media_type", "width", "height"}),
    ]
    return Dossier(
        about={
            "suggestion_id": str(suggestion.id),
            "number": suggestion.number,
            "title": suggestion.title,
            "archived_at": suggestion.archived_at.isoformat(),
        },
        records=records,
        letters=_letters(suggestion, every, replies),
        scans={
            f"scans/{upload.id}.{upload.media_type.partition('/')[2]}": upload.sha256 for upload in uploads
        },
        at=suggestion.archived_at,
    )


def _scan_name(upload: Upload) -> str:
    return f"scans/{upload.id}.{upload.media_type.partition('/')[2]}"


def _records(kind: str, rows: Iterable[SQLModel], *, only: set[str] | None = None) -> list[Record]:
    return [Record(kind, row.model_dump(mode="json", include=only, exclude=PASSING)) for row in rows]


async def _signers(tx: AsyncSession, suggestion: Suggestion) -> list[Record]:
    origins = sorted(await queries.origins(tx, suggestion.id), key=lambda origin: origin.opinion_id)
    return [
        *_records("cosigner", await queries.cosigners(tx, suggestion.id)),
        *_records("seconder", await queries.seconders(tx, suggestion.id)),
        *_records("origin", origins),
    ]


async def _units(tx: AsyncSession, every: Sequence[Assignment], replies: Sequence[Reply]) -> list[Record]:
    """What passed between units and delegate."""
    ids = [a.id for a in every]
    marks = await queries.evaluations(tx, [reply.id for reply in replies])
    marks = sorted(marks, key=lambda mark: mark.id)
    return [
        *_records("assignment", every),
        *_records("contact", await queries.contacts(tx, ids)),
        *_records("request", await queries.requests(tx, ids)),
        *_records("co_opinion", await queries.co_opinions(tx, ids)),
        *_records("reply", replies),
        *_records("commitment", await queries.commitments(tx, ids)),
        *_records("evaluation", marks),
        *_records("further_reply", await queries.further_replies(tx, ids)),
    ]


async def _oversight(tx: AsyncSession, suggestion: Suggestion, every: Sequence[Assignment]) -> list[Record]:
    pressed = await queries.supervisions(tx, suggestion.id)
    held = select(Conference).where(col(Conference.assignment_id).in_([a.id for a in every]))
    filed = select(PaperFiled).where(PaperFiled.suggestion_id == suggestion.id)
    key, public = await tx.get(KeyDesignation, suggestion.id), await tx.get(Publication, suggestion.id)
    return [
        *_records("approval", await queries.approvals(tx, suggestion.id)),
        *_records("supervision", pressed),
        *_records("demand", await queries.demands(tx, [row.id for row in pressed])),
        *_records("conference", (await tx.exec(held.order_by(col(Conference.id)))).all()),
        *_records("paper", (await tx.exec(filed.order_by(col(PaperFiled.id)))).all()),
        *_records("key_designation", filter(None, [key])),
        *_records("publication", filter(None, [public])),
    ]


async def _clocks(tx: AsyncSession, root_id: UUID) -> list[Record]:
    """Every clock with what moved it, and the calendars they were counted in."""
    rows = await clocks.of_root(tx, root_id)
    moved = await clocks.changes_of_all(tx, [clock.id for clock in rows])
    changes = [change for clock in rows for change in moved.get(clock.id, ())]
    return [
        *_records("clock", rows),
        *_records("clock_change", changes),
        *[await _calendar(tx, label, rows) for label in sorted({clock.calendar_version for clock in rows})],
    ]


async def _calendar(tx: AsyncSession, label: str, rows: Sequence[Deadline]) -> Record:
    """The days of one version that its weekday does not explain, within the span of these clocks."""
    calendar = await calendars.named(tx, label)
    first = min(clock.started_on for clock in rows).year
    last = max(clock.last_day for clock in rows).year
    days = {
        day.isoformat(): {"working": exception.working, "name": exception.name}
        for day, exception in calendar.exceptions.items()
        if first <= day.year <= last
    }
    announced = [year for year in sorted(calendar.announced_years) if first <= year <= last]
    return Record("calendar", {"version": label, "announced_years": announced, "days": days})


async def _uploads(tx: AsyncSession, suggestion: Suggestion) -> Sequence[Upload]:
    """Scans and photos of the file: handed in with it, filed papers, steps."""
    handed_in = select(SuggestionUpload.upload_id).where(SuggestionUpload.suggestion_id == suggestion.id)
    filed = select(PaperFiled.upload_id).where(PaperFiled.suggestion_id == suggestion.id)
    taken = {step.upload_id for step in await queries.steps(tx, suggestion.id) if step.upload_id}
    named = col(Upload.id).in_([*taken, *filter(None, [suggestion.proxy_upload_id])])
    of_file = col(Upload.id).in_(handed_in) | col(Upload.id).in_(filed) | named
    return (await tx.exec(select(Upload).where(of_file).order_by(col(Upload.id)))).all()


def _letters(
    suggestion: Suggestion, every: Sequence[Assignment], replies: Sequence[Reply]
) -> dict[str, bytes]:
    """What can be read without a program: the suggestion, and each issued reply, in plain text."""
    names = {assignment.id: assignment.unit_name for assignment in every}
    texts = {
        "letters/00-suggestion.txt": f"{suggestion.number or ''}\n{suggestion.title}\n"
        f"{suggestion.delegate_name}\n\n{suggestion.situation}\n\n{suggestion.proposal}\n"
    }
    issued = [reply for reply in replies if reply.issued_at is not None]
    for place, reply in enumerate(issued, start=1):
        head = (
            f"{names[reply.assignment_id]}　第 {reply.round} 轮　{reply.doc_no or ''}　{reply.legal_on or ''}"
        )
        texts[f"letters/{place:02}-reply.txt"] = f"{head}\n\n{reply.content}\n"
    return {name: words.encode() for name, words in texts.items()}


def note_taken(tx: AsyncSession, suggestion: Suggestion, actor: Actor, head: str, now: datetime) -> None:
    """Who took a copy, and its head: the audit's own chain then vouches for it."""
    audit.note(
        tx,
        "suggestion.archive",
        actor=actor.label,
        subject_kind="suggestion",
        subject_id=suggestion.id,
        now=now,
        fields=[f"head={head}"],
    )
