"""Figures as the API shows them."""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from app.reports import overview, queries
from app.reports.errors import TownshipUnknown
from app.reports.figures import Figure
from app.reports.overview import Asked, Keyed
from app.reports.queries import WHOLE, Span
from app.reports.schemas import BreakdownOut, FigureOut, LeftOutOut, OverviewOut, PeriodOut, RowOut


async def shown(tx: AsyncSession, asked: Asked) -> OverviewOut:
    """Everything counted for this actor."""
    place = await queries.region(tx, asked.township_id) if asked.township_id else None
    if asked.township_id and place is None:
        raise TownshipUnknown
    found = await overview.counted(tx, asked)
    return OverviewOut(
        period=period(asked.span),
        township_id=asked.township_id,
        township_name=place.name if place else None,
        computed_at=asked.now,
        figures=figures(found[WHOLE], asked.span),
        breakdown=await _breakdown(tx, asked, found),
    )


async def _breakdown(tx: AsyncSession, asked: Asked, found: Keyed) -> BreakdownOut | None:
    if asked.by is None:
        return None
    names = await queries.names(tx, asked.by, list(overview.rows_of(found)))
    rows = [
        RowOut(key=key, name=name, figures=figures(found[key], asked.span)) for key, name in names.items()
    ]
    return BreakdownOut(by=asked.by, rows=sorted(rows, key=lambda row: (row.name, row.key)))


def figures(found: Sequence[Figure], span: Span) -> list[FigureOut]:
    return [_figure(figure, span) for figure in found]


def _figure(figure: Figure, span: Span) -> FigureOut:
    left_out = [LeftOutOut.model_validate(out) for out in figure.excluded]
    return FigureOut(**{**vars(figure), "excluded": left_out}, period=period(span))


def period(span: Span) -> PeriodOut:
    return PeriodOut(since=span.first, until=span.last)
