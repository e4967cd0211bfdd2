"""Rows of a county's own over those of a shipped pack: each with its article and who reviewed it. Pure."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.deadlines.arithmetic import LONGEST_AMOUNT, Unit
from app.deadlines.lines import Kind
from app.deadlines.packs import (
    Approver,
    ExtensionRule,
    Level,
    RulePack,
    RuleRow,
    Span,
    load_pack,
    reason_of,
)
from app.kernel.errors import Invalid

# Fields of an override that go into the row as they are.
TAKEN_OVER = (
    "complex",
    "roll",
    "warn_days",
    "pause_article",
    "article",
    "reviewed_by",
    "reviewed_on",
    "note",
)


class OverrideInvalid(Invalid):
    code = "rule-override-invalid"

    def __init__(self, place: int, kind: str, reason: str) -> None:
        detail = f"第 {place + 1} 条自定规则（{kind}）：{reason}"
        super().__init__(detail, field=f"overrides.{place}", kind=kind, reason=reason)


class Override(BaseModel):
    """What a county changes in the rows of one kind, for one level of congress or for both.

    What is left out stays as the pack has it. `cap` replaces the longest time with extensions and
    needs the pack's rule for them, or `approver`; null: no extension. `complex` null: no longer limit.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind
    level: Level = Level.ANY
    amount: int | None = Field(default=None, ge=1, le=LONGEST_AMOUNT)
    unit: Unit | None = None
    complex: Span | None = None
    cap: Span | None = None
    approver: Approver | None = None
    roll: bool | None = None
    warn_days: int | None = Field(default=None, ge=1, le=60)
    pause_article: str | None = Field(default=None, min_length=1, max_length=200)
    article: str = Field(min_length=1, max_length=200)
    reviewed_by: str = Field(min_length=1, max_length=80)
    reviewed_on: date | None = None
    note: str = Field(default="", max_length=500)


def mark_of(overrides: Sequence[Override]) -> str:
    """`+` and eight digits that name these rows; empty without any."""
    if not overrides:
        return ""
    rows = [override.model_dump(mode="json", exclude_unset=True) for override in overrides]
    text = json.dumps(rows, sort_keys=True, ensure_ascii=False)
    return "+" + hashlib.sha256(text.encode()).hexdigest()[:8]


@lru_cache(maxsize=256)
def overridden(name: str, overrides: tuple[Override, ...]) -> RulePack:
    """The shipped pack with these rows in place; its version is another one.

    Raises PackUnknown, PackNotSelectable, OverrideInvalid.
    """
    pack = load_pack(name)
    _refuse_repeated(overrides)
    rows = {(row.kind, row.level): row for row in pack.rows}
    for place, override in enumerate(overrides):
        for level, base in _bases(pack, override):
            rows[override.kind, level] = _replaced(base, level, override, place)
    facts = {name: getattr(pack, name) for name in RulePack.model_fields}
    return RulePack(**{**facts, "rows": tuple(rows.values())})  # anew: a copy would keep the old version


def _refuse_repeated(overrides: Sequence[Override]) -> None:
    seen: set[tuple[Kind, Level]] = set()
    for place, override in enumerate(overrides):
        if (override.kind, override.level) in seen:
            raise OverrideInvalid(place, override.kind, "同一时限重复")
        seen.add((override.kind, override.level))


def _bases(pack: RulePack, override: Override) -> Iterator[tuple[Level, RuleRow]]:
    """The rows an override stands on. One for any level changes each that the pack has of the kind."""
    if override.level is not Level.ANY:
        yield override.level, pack.row(override.kind, override.level)
        return
    yield from ((row.level, row) for row in pack.rows if row.kind == override.kind)


def _replaced(base: RuleRow, level: Level, override: Override, place: int) -> RuleRow:
    try:
        return RuleRow.model_validate({**base.model_dump(), **_changed(base, override), "level": level})
    except ValidationError as error:
        raise OverrideInvalid(place, override.kind, reason_of(error)) from error


def _changed(base: RuleRow, override: Override) -> dict[str, Any]:
    given = override.model_dump(exclude_unset=True)
    changed: dict[str, Any] = {name: given[name] for name in TAKEN_OVER if name in given}
    if override.amount is not None or override.unit is not None:
        changed["limit"] = _limit(base, override)
    if "cap" in given or "approver" in given:
        changed["extension"] = _extension(base, override)
    return changed


def _limit(base: RuleRow, override: Override) -> dict[str, Any]:
    old = base.limit
    amount = override.amount if override.amount is not None else old and old.amount
    return {"amount": amount, "unit": override.unit or (old and old.unit)}


def _extension(base: RuleRow, override: Override) -> ExtensionRule | dict[str, Any] | None:
    old = base.extension
    cap = override.cap if "cap" in override.model_fields_set else old and old.cap
    if cap is None:
        return None
    approver = override.approver or (old and old.approver)
    return {"cap": cap, "approver": approver, "article": override.article}
