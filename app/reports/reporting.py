"""Drafting, signing and publishing the yearly report; one row for a congress and a year."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.accounts.errors import PermissionMissing
from app.accounts.permissions import Permission, Role
from app.deadlines import queries as clock_queries
from app.deadlines import service as clocks
from app.deadlines.lines import Kind
from app.deadlines.models import Deadline, SubjectKind
from app.deadlines.packs import Level
from app.deadlines.service import Start, Subject
from app.directory.errors import CongressUnknown
from app.directory.models import Congress
from app.infra import audit, outbox
from app.kernel.errors import StepNotAllowed
from app.reports import annexes, drafting, overview, queries
from app.reports.errors import ContactInReport, RefusalReasonMissing, ReportExists, ReportUnknown
from app.reports.events import HandlingReportPublished
from app.reports.figures import Figure
from app.reports.models import HandlingReport, ReportState
from app.reports.overview import Asked
from app.reports.queries import WHOLE, Span
from app.reports.visibility import holds, visible

ALLOWED = {
    ReportState.DRAFTING: ("edit", "facts", "approval"),
    ReportState.APPROVED: ("publication",),
    ReportState.PUBLISHED: (),
}


async def seen(tx: AsyncSession, id: UUID, actor: Actor, *, lock: bool = False) -> HandlingReport:
    query = select(HandlingReport).where(HandlingReport.id == id, visible(actor))
    found = (await tx.exec(query.with_for_update() if lock else query)).first()
    if found is None:
        raise ReportUnknown
    return found


async def draft(
    tx: AsyncSession, *, congress_id: UUID, period: str, actor: Actor, now: datetime
) -> HandlingReport:
    """Drafted from the facts of the year; its clock runs from the year's end."""
    congress = await tx.get(Congress, congress_id)
    if congress is None:
        raise CongressUnknown
    year = int(period)
    report = HandlingReport(
        congress_id=congress.id,
        congress_name=congress.name,
        region_id=congress.region_id,
        period=period,
        since=date(year, 1, 1),
        until=date(year, 12, 31),
        title=f"关于{congress.name}{period}年代表建议、批评和意见办理情况的报告",
        sections=[],
        annexes=[],
        figures=[],
        counted_at=now,
        drafted_by=actor.id,
        drafted_name=actor.name,
        drafted_at=now,
    )
    need(actor, Role.CONGRESS_OFFICE, report)
    await _refuse_second(tx, report)
    await _fill(tx, report, actor, now)
    tx.add(report)
    await tx.flush()
    await _start_clock(tx, report, Level(congress.level), now)
    _note(tx, report, "draft", actor, now)
    return report


def need(actor: Actor, role: Role, report: HandlingReport) -> None:
    """The office of this congress, or its chair. Raises PermissionMissing."""
    if not holds(actor, role, report):
        raise PermissionMissing(
            Permission.SUGGESTION_SIGN if role is Role.PRESIDIUM_CHAIR else Permission.SUGGESTION_CLOSE
        )


async def _refuse_second(tx: AsyncSession, report: HandlingReport) -> None:
    same = select(HandlingReport.id).where(
        HandlingReport.congress_id == report.congress_id, HandlingReport.period == report.period
    )
    if found := (await tx.exec(same)).first():
        raise ReportExists(found)


async def count_again(tx: AsyncSession, report: HandlingReport, actor: Actor, now: datetime) -> None:
    """The facts as they stand now, and the words drafted anew."""
    need(actor, Role.CONGRESS_OFFICE, report)
    _need_state(report, "facts")
    await _fill(tx, report, actor, now)
    _changed(tx, report, "facts", actor, now)


async def _fill(tx: AsyncSession, report: HandlingReport, actor: Actor, now: datetime) -> None:
    span = Span(report.since, report.until)
    by_category = await overview.of_suggestions(tx, Asked(actor, span, now, report.region_id, "category"))
    by_unit = await overview.of_suggestions(tx, Asked(actor, span, now, report.region_id, "unit"))
    whole = by_category[WHOLE]
    figures = {figure.key: figure for figure in whole}
    kinds = await queries.names(tx, "category", [key for key in by_category if key])
    words = drafting.sections(
        figures,
        {name: _received(by_category[key]) for key, name in kinds.items()},
        congress=report.congress_name,
        since=report.since,
        until=report.until,
    )
    report.sections = [asdict(section) for section in words]
    report.figures = [_plain(figure) for figure in whole]
    report.annexes = [await annexes.list_annex(tx, actor, report), await annexes.unit_annex(tx, by_unit)]
    report.counted_at = now


def _received(figures: Sequence[Figure]) -> int:
    return next((f.numerator or 0 for f in figures if f.key == "suggestions.received"), 0)


def _plain(figure: Figure) -> dict[str, Any]:
    return {**asdict(figure), "excluded": [asdict(out) for out in figure.excluded]}


async def edit(
    tx: AsyncSession,
    report: HandlingReport,
    *,
    title: str,
    sections: list[dict[str, Any]],
    actor: Actor,
    now: datetime,
) -> None:
    need(actor, Role.CONGRESS_OFFICE, report)
    _need_state(report, "edit")
    report.title, report.sections = title, sections
    _changed(tx, report, "edit", actor, now)


async def decide(
    tx: AsyncSession,
    report: HandlingReport,
    *,
    agree: bool,
    reason: str | None,
    basis: str,
    meeting_id: str | None,
    actor: Actor,
    now: datetime,
) -> None:
    """The chair signs, or sends it back with the reason."""
    need(actor, Role.PRESIDIUM_CHAIR, report)
    _need_state(report, "approval")
    if not agree and not reason:
        raise RefusalReasonMissing
    if agree:
        _refuse_contacts(report)
        report.state, report.basis, report.meeting_id = ReportState.APPROVED, basis, meeting_id
        report.approved_by, report.approved_name, report.approved_at = actor.id, actor.name, now
    report.refusal = None if agree else reason
    _changed(tx, report, "approval" if agree else "refusal", actor, now)


def _refuse_contacts(report: HandlingReport) -> None:
    """Public text carries nobody's number."""
    if found := drafting.contacts_in([report.title, *(s["text"] for s in report.sections)]):
        raise ContactInReport(found)


async def publish(tx: AsyncSession, report: HandlingReport, actor: Actor, now: datetime) -> None:
    """Reported to the congress and public from now on; its clock stops."""
    need(actor, Role.CONGRESS_OFFICE, report)
    _need_state(report, "publication")
    report.state, report.published_at = ReportState.PUBLISHED, now
    await clocks.stop(tx, report.id, {Kind.HANDLING_REPORT}, reason="publication", now=now)
    event = HandlingReportPublished(
        report_id=report.id, congress_id=report.congress_id, region_id=report.region_id, period=report.period
    )
    outbox.record(tx, event, now=now)
    _changed(tx, report, "publication", actor, now)


def _need_state(report: HandlingReport, act: str) -> None:
    allowed = ALLOWED[ReportState(report.state)]
    if act not in allowed:
        raise StepNotAllowed(report.state, act, allowed)


def _changed(tx: AsyncSession, report: HandlingReport, act: str, actor: Actor, now: datetime) -> None:
    report.revision += 1
    tx.add(report)
    _note(tx, report, act, actor, now)


def _note(tx: AsyncSession, report: HandlingReport, act: str, actor: Actor, now: datetime) -> None:
    audit.note(
        tx,
        f"handling_report.{act}",
        actor=actor.label,
        subject_kind="handling_report",
        subject_id=report.id,
        now=now,
    )


async def _start_clock(tx: AsyncSession, report: HandlingReport, level: Level, now: datetime) -> None:
    kind = SubjectKind.HANDLING_REPORT
    subject = Subject(kind=kind, id=report.id, root_id=report.id, region_id=report.region_id, level=level)
    await clocks.start(tx, Kind.HANDLING_REPORT, subject, Start(on=report.until, now=now))


async def clock_of(tx: AsyncSession, report: HandlingReport) -> Deadline | None:
    return next(iter(await clock_queries.of_root(tx, report.id)), None)
