"""Signed papers in the file: a scan with its number, date and whether it bears the seal."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.accounts.models import Membership
from app.accounts.permissions import Role, Side
from app.infra import audit
from app.kernel.clock import local_date
from app.reports.errors import PaperDatedInFuture, PaperFileClosed, PaperNotYours
from app.reports.paper_kinds import NAMES, OF_UNITS, PaperKind
from app.suggestions import queries
from app.suggestions.models import Assignment, Suggestion
from app.suggestions.oversight_models import PaperFiled
from app.suggestions.reply_models import Reply
from app.suggestions.states import State
from app.suggestions.visibility import side_on, visible
from app.uploads import service as uploads
from app.uploads.models import Upload
from app.uploads.showing import shows

OFFICES = (Role.CONGRESS_OFFICE, Role.PRESIDIUM_CHAIR)
Line = tuple[str, str | None, date, str, str]  # name, number, date, by whom, remark


async def file(
    tx: AsyncSession,
    suggestion_id: UUID,
    *,
    kind: PaperKind,
    doc_no: str | None,
    dated: date,
    upload_id: UUID,
    sealed: bool,
    actor: Actor,
    now: datetime,
) -> PaperFiled:
    """Add a scan to the file. Raises PaperNotYours, PaperFileClosed, PaperDatedInFuture, UploadUnknown."""
    found = await queries.seen_for_update(tx, suggestion_id, actor)
    _need_filer(actor, found, kind)
    if found.state == State.ARCHIVED:
        raise PaperFileClosed
    if dated > local_date(now):
        raise PaperDatedInFuture
    await uploads.claim(tx, [upload_id], owner=actor.label)
    paper = PaperFiled(
        suggestion_id=found.id,
        kind=kind,
        doc_no=doc_no,
        dated=dated,
        upload_id=upload_id,
        sealed=sealed,
        filed_by=actor.id,
        filed_at=now,
    )
    tx.add(paper)
    audit.note(
        tx,
        "suggestion.paper",
        actor=actor.label,
        subject_kind="suggestion",
        subject_id=found.id,
        now=now,
        fields=[kind],
    )
    await tx.flush()
    return paper


def _need_filer(actor: Actor, suggestion: Suggestion, kind: PaperKind) -> None:
    """The congress's office; a unit what it signs itself."""
    office = actor.in_county(*OFFICES) or suggestion.region_id in actor.scopes(*OFFICES)
    unit = side_on(actor, suggestion) is Side.GOVERNMENT and bool(actor.unit_ids) and kind in OF_UNITS
    if not (office or unit):
        raise PaperNotYours


def shown_to(actor: Actor) -> ColumnElement[bool]:
    """Rows of `papers` (joined to their suggestion): a unit sees its own people's, leaders and other
    delegates none, the lead delegate and the congress every one."""
    shown: list[ColumnElement[bool]] = [false()]
    if actor.in_county(*OFFICES):
        return visible(actor)
    if scopes := actor.scopes(*OFFICES):
        shown.append(col(Suggestion.region_id).in_(scopes))
    if actor.delegate_ids:
        shown.append(col(Suggestion.delegate_id).in_(actor.delegate_ids))
    if actor.unit_ids:
        colleagues = select(Membership.account_id).where(col(Membership.scope_id).in_(actor.unit_ids))
        shown.append(col(PaperFiled.filed_by).in_(colleagues))
    return and_(visible(actor), or_(*shown))


async def filed(tx: AsyncSession, suggestion_id: UUID, actor: Actor) -> Sequence[PaperFiled]:
    """Those of this file that the actor may see, in the order of filing. Raises SuggestionUnknown."""
    await queries.seen(tx, suggestion_id, actor)
    rows = await tx.exec(
        select(PaperFiled)
        .join(Suggestion, col(Suggestion.id) == col(PaperFiled.suggestion_id))
        .where(PaperFiled.suggestion_id == suggestion_id, shown_to(actor))
        .order_by(col(PaperFiled.id))
    )
    return rows.all()


@shows("papers")
def scans(actor: Actor) -> ColumnElement[bool]:
    """Scans of the papers this actor may see."""
    rows = (
        select(PaperFiled.upload_id)
        .join(Suggestion, col(Suggestion.id) == col(PaperFiled.suggestion_id))
        .where(col(PaperFiled.upload_id).is_not(None), shown_to(actor))
    )
    return col(Upload.id).in_(rows)


async def contents(tx: AsyncSession, suggestion: Suggestion) -> list[dict[str, Any]]:
    """卷内目录: the suggestion, the issued replies, the filed scans; by date, as a file is bound."""
    lines: list[Line] = [
        ("代表建议原文", None, local_date(suggestion.submitted_at or suggestion.created_at), "代表", "")
    ]
    lines += await _replies(tx, suggestion.id)
    rows = select(PaperFiled).where(PaperFiled.suggestion_id == suggestion.id).order_by(col(PaperFiled.id))
    for paper in await tx.exec(rows):
        kind = PaperKind(paper.kind)
        by = "承办单位" if kind in OF_UNITS else "人大"
        lines.append((NAMES[kind], paper.doc_no, paper.dated, by, "已盖章" if paper.sealed else ""))
    lines.sort(key=lambda line: line[2])
    names = ("name", "doc_no", "dated", "by", "remark")
    return [
        {"place": place, **dict(zip(names, line, strict=True))} for place, line in enumerate(lines, start=1)
    ]


async def _replies(tx: AsyncSession, suggestion_id: UUID) -> list[Line]:
    rows = await tx.exec(
        select(Reply, Assignment.unit_name)
        .join(Assignment, col(Assignment.id) == col(Reply.assignment_id))
        .where(Assignment.suggestion_id == suggestion_id, col(Reply.issued_at).is_not(None))
        .order_by(col(Reply.id))
    )
    return [
        (
            f"答复（第 {reply.round} 轮）",
            reply.doc_no,
            reply.legal_on or local_date(reply.issued_at),
            unit,
            "",
        )
        for reply, unit in rows
        if reply.issued_at is not None
    ]
