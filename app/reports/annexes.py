"""The tables at the end of the yearly report: public, so without a name, a contact or an evaluation."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.reports import queries
from app.reports.figures import Figure
from app.reports.models import HandlingReport
from app.reports.overview import Keyed
from app.reports.queries import Span
from app.suggestions.models import Assignment, Suggestion
from app.suggestions.workflow import ANSWERING, GONE


async def list_annex(tx: AsyncSession, actor: Actor, report: HandlingReport) -> dict[str, Any]:
    """附件1: what may be public, one line each; the rest only as a number."""
    ids = await queries.suggestions(tx, actor, Span(report.since, report.until), report.region_id)
    found = (await tx.exec(select(Suggestion).where(col(Suggestion.id).in_(ids)))).all()
    shown = [s for s in found if not s.confidential and s.number and s.delegate_agrees_public is not False]
    units = await _units_of(tx, [s.id for s in shown])
    rows = [[s.number or "", s.title, "、".join(units.get(s.id, ()))] for s in shown]
    hidden = len([s for s in found if s.number]) - len(shown)
    return {
        "title": "附件1：代表建议目录",
        "columns": ["编号", "标题", "主办单位"],
        "rows": sorted(rows),
        "note": f"另有 {hidden} 件依法或按代表意愿不公开。" if hidden else None,
    }


async def _units_of(tx: AsyncSession, suggestion_ids: Sequence[UUID]) -> Mapping[UUID, list[str]]:
    found: dict[UUID, list[str]] = {}
    rows = select(Assignment).where(
        col(Assignment.suggestion_id).in_(suggestion_ids),
        col(Assignment.role).in_(ANSWERING),
        col(Assignment.state).not_in(GONE),
    )
    for assignment in await tx.exec(rows.order_by(col(Assignment.id))):
        found.setdefault(assignment.suggestion_id, []).append(assignment.unit_name)
    return found


UNIT_FIGURES = {
    "handling.assigned": "承办",
    "handling.replied": "已答复",
    "on_time.reply": "按时答复",
    "handling.extended": "延期",
    "promises.made": "承诺",
    "promises.kept_in_time": "按期兑现",
}


async def unit_annex(tx: AsyncSession, by_unit: Keyed) -> dict[str, Any]:
    """附件2: each unit's facts, n/m; never how its replies were judged."""
    names = await queries.names(tx, "unit", [key for key in by_unit if key])
    rows = []
    for key, name in sorted(names.items(), key=lambda unit: unit[1]):
        figures = {figure.key: figure for figure in by_unit[key]}
        rows.append([name, *(_cell(figures.get(figure)) for figure in UNIT_FIGURES)])
    return {"title": "附件2：各承办单位办理情况", "columns": ["单位", *UNIT_FIGURES.values()], "rows": rows}


def _cell(figure: Figure | None) -> str:
    if figure is None or figure.numerator is None:
        return "0"
    whole = "" if figure.denominator is None else f"/{figure.denominator}"
    return f"{figure.numerator}{whole}"
