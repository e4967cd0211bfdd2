"""Keyset lists: one envelope, an opaque cursor over (instant, id)."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar
from uuid import UUID

from app.kernel.errors import Invalid

LARGEST = 100
USUAL = 20
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)  # for lists in order of id alone

Row = TypeVar("Row")


class CursorUnreadable(Invalid):
    code = "cursor-unreadable"

    def __init__(self) -> None:
        super().__init__("翻页标记无效，请从第一页重新打开列表", field="cursor")


@dataclass(frozen=True)
class Cursor:
    """The last row shown: lists go on strictly after it, newest first."""

    at: datetime
    id: UUID

    def __str__(self) -> str:
        return base64.urlsafe_b64encode(f"{self.at.isoformat()}|{self.id}".encode()).decode()

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        try:
            at, id = base64.urlsafe_b64decode(text.encode()).decode().split("|")
            instant = datetime.fromisoformat(at)
            if instant.tzinfo is None:
                raise CursorUnreadable
            return cls(instant, UUID(id))
        except (ValueError, binascii.Error) as error:
            raise CursorUnreadable from error


@dataclass(frozen=True)
class Page(Generic[Row]):
    items: Sequence[Row]
    next_cursor: str | None


def page_of(rows: Sequence[Row], *, limit: int, key: Callable[[Row], Cursor]) -> Page[Row]:
    """One page of rows that were asked for with `limit + 1`: the surplus row proves a next page."""
    shown = rows[:limit]
    more = len(rows) > limit
    return Page(shown, str(key(shown[-1])) if more else None)
