"""Which rows a figure is counted over, and the counts: a fixed number of statements, whoever asks."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, TextClause
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.directory.models import Organisation, Region
from app.infra.db import sql
from app.kernel.clock import end_of_day, local_midnight
from app.opinions.models import Opinion
from app.opinions.rules import CATEGORY_NAMES
from app.opinions.visibility import visible as opinion_visible
from app.suggestions.models import Suggestion
from app.suggestions.visibility import visible

By = Literal["unit", "township", "category"]
WHOLE = None
CATEGORIES = {str(category): name for category, name in CATEGORY_NAMES.items()}
Grouped = dict[str | None, dict[str, int]]  # key of the breakdown, WHOLE for the whole → name → count


@dataclass(frozen=True)
class Span:
    """Local days, both included."""

    first: date
    last: date

    @classmethod
    def between(cls, first: date | None, last: date | None) -> "Span":
        """Open where a day is not given."""
        return cls(first or date(1949, 10, 1), last or date(2999, 12, 31))

    @property
    def since(self) -> datetime:
        return local_midnight(self.first)

    @property
    def until(self) -> datetime:
        return end_of_day(self.last)


def received_in(span: Span) -> list[ColumnElement[bool]]:
    """Suggestions handed in within these days."""
    at = col(Suggestion.submitted_at)
    return [at >= span.since, at < span.until]


async def suggestions(tx: AsyncSession, actor: Actor, span: Span, township_id: UUID | None) -> Sequence[UUID]:
    """What the actor's own list shows of these days and this place."""
    query = select(Suggestion.id).where(visible(actor), *received_in(span))
    if township_id is not None:
        query = query.where(Suggestion.region_id == township_id)
    return (await tx.exec(query)).all()


async def opinions(tx: AsyncSession, actor: Actor, span: Span, township_id: UUID | None) -> Sequence[UUID]:
    query = select(Opinion.id).where(
        opinion_visible(actor), col(Opinion.created_at) >= span.since, col(Opinion.created_at) < span.until
    )
    if township_id is not None:
        query = query.where(Opinion.region_id == township_id)
    return (await tx.exec(query)).all()


async def rows(tx: AsyncSession, statement: TextClause, facts: Mapping[str, Any]) -> Sequence[RowMapping]:
    """`facts` may hold more than the statement asks for."""
    asked = statement.compile().params
    return (await sql(tx, statement, {name: facts[name] for name in asked})).mappings().all()


async def counts(tx: AsyncSession, statement: TextClause, facts: Mapping[str, Any]) -> Grouped:
    """One row for the whole and one for each key."""
    return {
        row["key"]: _numbers(row)
        for row in await rows(tx, statement, facts)
        if row["whole"] or row["key"] is not None
    }


async def counts_of(
    tx: AsyncSession, statement: TextClause, facts: Mapping[str, Any], *, of: str, amount: str
) -> Grouped:
    """As `counts`, of a statement with one row for each value of `of`."""
    found: Grouped = {}
    for row in await rows(tx, statement, facts):
        if row["whole"] or row["key"] is not None:
            found.setdefault(row["key"], Counter())[row[of]] = row[amount]
    return found


async def counts_by(
    tx: AsyncSession, statement: TextClause, facts: Mapping[str, Any], *, of: str
) -> dict[str | None, dict[str, dict[str, int]]]:
    """key → value of `of` → name → count."""
    found: dict[str | None, dict[str, dict[str, int]]] = {}
    for row in await rows(tx, statement, facts):
        if row["whole"] or row["key"] is not None:
            found.setdefault(row["key"], {})[row[of]] = _numbers(row)
    return found


def _numbers(row: RowMapping) -> dict[str, int]:
    return {name: value for name, value in row.items() if isinstance(value, int) and name != "whole"}


async def region(tx: AsyncSession, id: UUID) -> Region | None:
    return await tx.get(Region, id)


async def names(tx: AsyncSession, by: By, keys: Collection[str]) -> dict[str, str]:
    """What the rows of a breakdown are called."""
    if by == "category":
        return {key: CATEGORIES.get(key, key) or "未分类" for key in keys}
    table = Organisation if by == "unit" else Region
    found = await tx.exec(select(table.id, table.name).where(col(table.id).in_([UUID(key) for key in keys])))
    return {str(id): name for id, name in found.all()}
