"""The yearly report as its readers may see it."""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.accounts.permissions import Role
from app.reports import reporting
from app.reports.models import HandlingReport, ReportState
from app.reports.report_schemas import (
    AnnexOut,
    HandlingReportOut,
    HandlingReportSummary,
    PublicReport,
    SectionOut,
)
from app.reports.reporting import ALLOWED
from app.reports.visibility import holds, sees_facts

DEMO = "（演示数据）"
OFFICE = {"edit", "facts", "publication"}


def public(report: HandlingReport, *, demo: bool) -> PublicReport:
    summary = HandlingReportSummary.model_validate(report).model_dump()
    return PublicReport(
        **summary,
        sections=[SectionOut(**section) for section in report.sections],
        annexes=[AnnexOut(**annex) for annex in report.annexes],
        text=plain_text(report, demo=demo),
        demo=demo,
    )


def plain_text(report: HandlingReport, *, demo: bool = False) -> str:
    """The report as one text, annexes as lines of cells."""
    parts = [f"{report.title}{DEMO if demo else ''}"]
    parts += [f"{section['heading']}\n{section['text']}" for section in report.sections]
    parts += [_annex_text(AnnexOut(**annex)) for annex in report.annexes]
    return "\n\n".join(parts) + "\n"


def _annex_text(annex: AnnexOut) -> str:
    lines: Sequence[Sequence[str]] = [annex.columns, *annex.rows]
    note = [annex.note] if annex.note else []
    return "\n".join([annex.title, *("　".join(line) for line in lines), *note])


async def shown(tx: AsyncSession, report: HandlingReport, actor: Actor, *, demo: bool) -> HandlingReportOut:
    """With the facts and the acts that this actor may do."""
    clock = await reporting.clock_of(tx, report)
    facts = report.figures if sees_facts(actor, report) else []
    return HandlingReportOut(
        **public(report, demo=demo).model_dump(),
        figures=facts,
        counted_at=report.counted_at,
        drafted_name=report.drafted_name,
        approved_name=report.approved_name,
        basis=report.basis,
        refusal=report.refusal,
        due_on=clock.last_day if clock else None,
        allowed=[act for act in ALLOWED[ReportState(report.state)] if _may(actor, report, act)],
    )


def _may(actor: Actor, report: HandlingReport, act: str) -> bool:
    return holds(actor, Role.CONGRESS_OFFICE if act in OFFICE else Role.PRESIDIUM_CHAIR, report)
