"""What every request and response body has in common."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, ConfigDict

from app.kernel.paging import LARGEST, USUAL, Cursor, page_of
from app.kernel.text import Line, Text

Item = TypeVar("Item", bound=BaseModel)

Short = Annotated[str, Line(80)]
Reason = Annotated[str, Text(1000)]
Long = Annotated[str, Text(5000)]


class Body(BaseModel):
    """A request: unknown fields are refused, so that a misspelt one is never lost silently."""

    model_config = ConfigDict(extra="forbid")


class Out(BaseModel):
    """A response, made from rows or values."""

    model_config = ConfigDict(from_attributes=True)


class PageOut(BaseModel, Generic[Item]):
    items: Sequence[Item]
    next_cursor: str | None = None


class ListQuery(BaseModel):
    """`cursor` and `limit` of every list. Routes ask for `limit + 1` rows."""

    model_config = ConfigDict(extra="forbid")

    cursor: str | None = None
    limit: Annotated[int, Query(ge=1, le=LARGEST)] = USUAL

    @property
    def after(self) -> Cursor | None:
        return Cursor.parse(self.cursor) if self.cursor else None


def paged(
    rows: Sequence[Any], limit: int, kind: type[Item], *, key: Callable[[Any], Cursor]
) -> PageOut[Item]:
    """The envelope of one page; `rows` may hold the surplus row that proves a next page."""
    page = page_of(rows, limit=limit, key=key)
    items = [kind.model_validate(row) for row in page.items]
    return PageOut(items=items, next_cursor=page.next_cursor)
