"""An office's ledger of suggestions (代表建议台账), read into rows of past and running files; pure."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar

from app.infra.records import Reading, Record, read, without_repeats
from app.infra.sheets import SheetRow
from app.kernel.clock import SHANGHAI, local_date
from app.operations.ledger_columns import COLUMNS
from app.operations.ledger_dates import instant
from app.operations.ledger_words import (
    NOTHING,
    Meeting,
    People,
    Unread,
    mark_of,
    meeting_of,
    outcome_of,
    people_in,
    units_in,
)
from app.suggestions.models import Mark, Outcome
from app.suggestions.states import Role

T = TypeVar("T")

UNSAID = "历史台账没有写案由。"
UNPROPOSED = "历史台账没有写具体建议，以标题为准。"
NO_REASON = "历史台账没有写不满意的原因。"
NO_ANSWER = "历史台账没有写答复内容。"


@dataclass(frozen=True, kw_only=True)
class Answered:
    """The reply of the answering unit. `at` is UTC; `promise`: what, by when, who, where the ledger says."""

    at: datetime
    content: str
    outcome: Outcome
    mark: Mark | None
    evaluated_at: datetime
    unhappy: str
    promise: tuple[str, date, str] | None = None


@dataclass(frozen=True, kw_only=True)
class LedgerRow:
    """One suggestion. `units`: who was charged, each with its role, none while it waits to be assigned."""

    number: int = field(compare=False)
    external_id: str | None
    title: str
    situation: str
    proposal: str
    category: str | None
    lead: str
    cosigners: tuple[str, ...]
    people_said: int | None
    meeting: Meeting
    raised_at: datetime
    assigned_at: datetime | None
    units: tuple[tuple[Role, str], ...]
    answered: Answered | None

    def key(self) -> tuple[object, ...]:
        """A number is one suggestion; without one it is known by what it says, who says it and when."""
        if self.external_id:
            return (self.external_id,)
        return (self.title, self.lead, self.raised_at, self.situation, self.proposal)


def read_ledger(rows: Iterator[SheetRow], *, now: datetime) -> Reading[LedgerRow]:
    """Rows of a ledger; dates after `now` are refused. Raises SheetUnreadable."""
    return without_repeats(
        read(rows, COLUMNS, lambda record: _row(record, now)),
        key=LedgerRow.key,
        likeness=lambda row: (row.title, row.lead),
        refusal=("external_id", "请核对编号，只留一行"),
    )


def _row(record: Record, now: datetime) -> LedgerRow:
    raised_at, assigned_at = _began(record, now)
    units = _units(record)
    if assigned_at and not units:
        raise record.refusal("units", "是空的，已经交办就要写承办单位，请补上，或把交办时间清空")
    lead, others = _raisers(record)
    meeting = _word(record, "meeting", meeting_of)
    answered = _answer(record, assigned_at or raised_at, now)
    if answered and not units:
        raise record.refusal("units", "是空的，却有答复，请补上承办单位")
    if units and assigned_at is None:
        record.note("assigned_on", "", f"{raised_at.astimezone(SHANGHAI):%Y-%m-%d}")
    title = record.word("title")
    if title in NOTHING:
        raise record.refusal("title", "是空的，请补上标题，或删去这一行")
    return LedgerRow(
        number=record.number,
        external_id=_number(record, meeting, raised_at),
        title=title,
        situation=record.text("situation") or UNSAID,
        proposal=record.text("proposal") or UNPROPOSED,
        category=record.word("category") or None,
        lead=lead,
        cosigners=tuple(name for name in others.names if name != lead),
        people_said=others.said,
        meeting=meeting,
        raised_at=raised_at,
        assigned_at=(assigned_at or raised_at) if units else None,
        units=units,
        answered=answered,
    )


def _number(record: Record, meeting: Meeting, raised_at: datetime) -> str | None:
    """As written; a bare figure, which every list starts anew, with its session or its year before it."""
    word = record.word("external_id")
    found = re.fullmatch(r"第?([0-9]+)号?", word)
    if not found:
        return word or None
    n = int(found[1])
    whole = f"{local_date(raised_at).year}年第{n}号"
    if meeting.term and meeting.number:
        whole = f"第{meeting.term}届{meeting.number}次会议第{n}号"
    record.note("external_id", word, whole)
    return whole


def _raisers(record: Record) -> tuple[str, People]:
    """The lead, and those beside: in their own column, or behind the lead's name."""
    first, beside = people_in(record.text("lead")), people_in(record.text("cosigners"))
    if not first.names:
        raise record.refusal("lead", "是空的，请填上领衔代表的姓名")
    if wrong := [name for name in (*first.names, *beside.names) if not 2 <= len(name) <= 40]:
        raise record.refusal("lead", f"里的「{wrong[0]}」不像一个人的姓名，几位代表之间请用顿号隔开")
    record.note("lead", record.line("lead"), first.names[0])
    return first.names[0], People((*first.names[1:], *beside.names), first.said or beside.said)


def _units(record: Record) -> tuple[tuple[Role, str], ...]:
    """The first one leads unless the ledger says otherwise; a column of its own names the co-units."""
    charged = units_in(record.text("units"))
    named: list[tuple[Role, str]] = []
    for role, name in charged:
        leads = any(known is Role.LEAD for known, _ in named)
        named.append((role or (Role.CO if leads else Role.LEAD), name))
    named += [(Role.CO, name) for _, name in units_in(record.text("co_units"))]
    if not named:
        return ()
    if len({name for _, name in named}) != len(named):
        raise record.refusal("units", "里有重复的单位，每个单位请只写一次")
    if [role for role, _ in named].count(Role.LEAD) > 1:
        raise record.refusal("units", "里有两个主办单位，请只留一个，或写明「分别办理」")
    if all(role is Role.CO for role, _ in named):
        raise record.refusal("units", "里没有主办单位，请写明由哪个单位答复代表")
    return tuple(named)


def _began(record: Record, now: datetime) -> tuple[datetime, datetime | None]:
    """When it was raised, and when it was assigned; a ledger that says only the second means both."""
    raised, assigned = _moment(record, "raised_on", now), _moment(record, "assigned_on", now)
    if raised is None and assigned is None:
        raise record.refusal("raised_on", "是空的，请补上提出时间，如 2025-03-01")
    if raised is None or assigned is None:
        given = raised or assigned
        assert given is not None
        if raised is None:
            record.note("raised_on", "", f"{given.astimezone(SHANGHAI):%Y-%m-%d}")
        return given, assigned
    return raised, _not_before(record, "assigned_on", assigned, raised, "早于提出时间，请核对这两个日期")


def _answer(record: Record, since: datetime, now: datetime) -> Answered | None:
    at = _moment(record, "replied_on", now)
    outcome, content = _word(record, "outcome", outcome_of), record.text("reply")
    mark = _word(record, "mark", mark_of)
    if at is None:
        _refuse_half_answered(record, outcome, mark)
        return None
    if outcome is None:
        raise record.refusal("outcome", "是空的，有答复就要有办理结果，请写 A、B、C 或 D")
    at = _not_before(record, "replied_on", at, since, "早于交办时间，请核对这两个日期")
    evaluated = _moment(record, "evaluated_on", now)
    return Answered(
        at=at,
        content=content if content not in NOTHING else NO_ANSWER,
        outcome=outcome,
        mark=mark,
        evaluated_at=_not_before(record, "evaluated_on", evaluated or at, at, "早于答复时间，请核对"),
        unhappy=record.text("unhappy") or NO_REASON,
        promise=_promise(record),
    )


def _refuse_half_answered(record: Record, outcome: Outcome | None, mark: Mark | None) -> None:
    if outcome is not None or mark is not None:
        raise record.refusal("replied_on", "是空的，有办理结果或评价就要有答复时间，请补上")


def _promise(record: Record) -> tuple[str, date, str] | None:
    """A promise has its date; without one the ledger names none."""
    try:
        due_on = local_date(instant(record.cells.get("promise_on"))) if record.line("promise_on") else None
    except ValueError:
        raise record.refusal("promise_on", "认不出是哪一天，请写成 2025-12-31 这样") from None
    if due_on is None:
        return None
    what = record.text("promise") or "历史台账没有写承诺的事项"
    return what, due_on, record.word("owner") or "历史台账没有写责任人"


def _moment(record: Record, name: str, now: datetime) -> datetime | None:
    """The instant in a cell, None if it is blank. Raises CellRefused, also if it is still to come."""
    written, cell = record.raw(name), record.cells.get(name)
    if record.line(name) in NOTHING:
        return None
    try:
        at = instant(cell)
    except ValueError:
        raise record.refusal(name, "认不出是哪一天，请写成 2025-03-01 这样") from None
    if at > now:
        raise record.refusal(name, "晚于现在，请核对日期")
    if not isinstance(cell, date):
        day = at.astimezone(SHANGHAI)
        record.note(name, written, f"{day:%Y-%m-%d}" if _is_midnight(at) else f"{day:%Y-%m-%d %H:%M:%S}")
    return at


def _is_midnight(at: datetime) -> bool:
    return at.astimezone(SHANGHAI).strftime("%H:%M:%S") == "00:00:00"


def _not_before(record: Record, name: str, at: datetime, since: datetime, fault: str) -> datetime:
    """On the day of what came before it, a date without a time is taken as given at that moment."""
    if at >= since:
        return at
    if _is_midnight(at) and local_date(at) == local_date(since):
        return since
    raise record.refusal(name, fault)


def _word(record: Record, name: str, of: Callable[[str], T]) -> T:
    try:
        return of(record.raw(name))
    except Unread as fault:
        raise record.refusal(name, str(fault)) from None
