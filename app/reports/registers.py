"""建议登记簿, 交办一览表: the rows of the reader's own list, in the reader's own projection."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.deadlines.lines import Kind
from app.deadlines.models import Deadline
from app.directory.models import Region
from app.kernel.clock import local_date
from app.reports.figures import OUTCOMES, STATES
from app.reports.queries import CATEGORIES, Span, received_in
from app.reports.schemas import RegisterQuery
from app.reports.workbook import Column, Value
from app.suggestions import presenting, queries
from app.suggestions.models import Assignment, Suggestion
from app.suggestions.reply_models import Reply
from app.suggestions.shown import AssignmentOut, SuggestionSummary
from app.suggestions.states import AssignmentState, Role
from app.suggestions.visibility import state_filter
from app.suggestions.workflow import GONE

MOST = 20_000  # rows of one register: several years of a county
ROLES = {Role.LEAD: "主办", Role.CO: "会办", Role.SEPARATE: "分别办理"}
UNIT_STATES = {
    AssignmentState.PENDING: "待签收",
    AssignmentState.ACCEPTED: "已签收",
    AssignmentState.RETURN_REQUESTED: "申请退办",
    AssignmentState.RETURNED: "已退办",
    AssignmentState.HANDLING: "办理中",
    AssignmentState.REPLY_DRAFTED: "待签发",
    AssignmentState.REPLIED: "已答复",
    AssignmentState.OPINION_GIVEN: "已回会办意见",
    AssignmentState.ENDED: "已终止",
}


@dataclass(frozen=True)
class Entry:
    """One suggestion with what a register says of its answers."""

    item: SuggestionSummary
    region: str
    outcomes: dict[UUID, str]
    due: dict[UUID, Deadline]


async def entries(tx: AsyncSession, actor: Actor, asked: RegisterQuery) -> list[Entry]:
    """Newest first, as the list has them; a fixed number of statements."""
    found = await queries.listed(tx, actor, filters=_filters(asked, actor), after=None, limit=MOST)
    ids = [suggestion.id for suggestion in found]
    assigned = await queries.assignments_of(tx, ids)
    outcomes, due = await _answers(tx, ids), await answer_clocks(tx, ids)
    places = await _regions(tx)
    return [
        Entry(presenting.summary(s, assigned[s.id], actor), places[s.region_id], outcomes, due) for s in found
    ]


def _filters(asked: RegisterQuery, actor: Actor) -> list[ColumnElement[bool]]:
    """What `GET /suggestions` takes, in its words, and the days."""
    found: list[ColumnElement[bool]] = []
    if asked.state:
        found.append(state_filter(asked.state, actor))
    named = (
        (col(Suggestion.congress_id), asked.congress_id),
        (col(Suggestion.delegate_id), asked.delegate_id),
        (col(Suggestion.region_id), asked.township_id),
        (col(Suggestion.category), asked.category),
    )
    found += [column == value for column, value in named if value is not None]
    if asked.unit_id:
        found.append(_of_unit(asked.unit_id))
    if asked.q:
        like = f"%{asked.q}%"
        found.append(or_(col(Suggestion.title).like(like), col(Suggestion.situation).like(like)))
    if asked.since or asked.until:
        found += received_in(Span.between(asked.since, asked.until))
    return found


def _of_unit(unit_id: UUID) -> ColumnElement[bool]:
    return exists(
        select(Assignment.id).where(Assignment.suggestion_id == Suggestion.id, Assignment.unit_id == unit_id)
    )


async def _answers(tx: AsyncSession, suggestion_ids: Sequence[UUID]) -> dict[UUID, str]:
    """assignment → outcome of its newest issued reply."""
    rows = await tx.exec(
        select(Reply.assignment_id, Reply.outcome)
        .join(Assignment, col(Assignment.id) == col(Reply.assignment_id))
        .where(col(Assignment.suggestion_id).in_(suggestion_ids), col(Reply.issued_at).is_not(None))
        .order_by(col(Reply.round))
    )
    return dict(rows.all())


FIRST_ANSWER = (Kind.REPLY, Kind.CO_OPINION)
ANSWERS = (*FIRST_ANSWER, Kind.REHANDLING_REPLY)


async def answer_clocks(
    tx: AsyncSession, suggestion_ids: Sequence[UUID], kinds: Sequence[Kind] = ANSWERS
) -> dict[UUID, Deadline]:
    """assignment → the newest clock of its answer."""
    rows = await tx.exec(
        select(Deadline)
        .where(col(Deadline.root_id).in_(suggestion_ids), col(Deadline.kind).in_(kinds))
        .order_by(col(Deadline.round), col(Deadline.id))
    )
    return {clock.subject_id: clock for clock in rows}


async def _regions(tx: AsyncSession) -> dict[UUID, str]:
    return dict((await tx.exec(select(Region.id, Region.name))).all())


SUGGESTION_COLUMNS = (
    Column("编号", 22),
    Column("标题", 44),
    Column("类别"),
    Column("受理人大所在地", 14),
    Column("领衔代表"),
    Column("状态"),
    Column("提交日期"),
    Column("立案日期"),
    Column("主办（分别办理）单位", 28),
    Column("会办单位", 28),
    Column("交办日期"),
    Column("答复期限"),
    Column("答复日期"),
    Column("办理结果", 14),
    Column("办结日期"),
)


def suggestion_row(entry: Entry) -> list[Value]:
    item = entry.item
    answering = [a for a in item.assignments if a.role is not Role.CO and a.state not in GONE]
    fellows = [a for a in item.assignments if a.role is Role.CO and a.state not in GONE]
    due = [entry.due[a.id].last_day for a in answering if a.id in entry.due]
    outcomes = [OUTCOMES[entry.outcomes[a.id]] for a in answering if a.id in entry.outcomes]
    return [
        item.number,
        item.title,
        _category(item.category),
        entry.region,
        item.delegate_name or "（保密）",
        STATES[item.state],
        _day(item.submitted_at),
        _day(item.accepted_at),
        "、".join(a.unit_name for a in answering),
        "、".join(a.unit_name for a in fellows),
        min((a.assigned_on for a in answering), default=None),
        max(due, default=None),
        _day(max((a.replied_at for a in answering if a.replied_at), default=None)),
        "、".join(outcomes),
        _day(item.closed_at),
    ]


ASSIGNMENT_COLUMNS = (
    Column("序号", 6),
    Column("编号", 22),
    Column("标题", 44),
    Column("领衔代表"),
    Column("承办单位", 24),
    Column("分工"),
    Column("环节"),
    Column("轮次", 6),
    Column("交办日期"),
    Column("期限"),
    Column("答复日期"),
    Column("办理结果", 14),
)


def assignment_rows(entries: Sequence[Entry]) -> Iterator[list[Value]]:
    """One line for each unit that still owes or has given its answer."""
    lines = [(entry, a) for entry in entries for a in entry.item.assignments if a.state not in GONE]
    for number, (entry, assignment) in enumerate(lines, start=1):
        yield [number, *_assignment_row(entry, assignment)]


def _assignment_row(entry: Entry, assignment: AssignmentOut) -> list[Value]:
    due, outcome = entry.due.get(assignment.id), entry.outcomes.get(assignment.id)
    return [
        entry.item.number,
        entry.item.title,
        entry.item.delegate_name or "（保密）",
        assignment.unit_name,
        ROLES[assignment.role],
        UNIT_STATES[AssignmentState(assignment.state)],
        assignment.round,
        assignment.assigned_on,
        due.last_day if due else None,
        _day(assignment.replied_at),
        OUTCOMES[outcome] if outcome else None,
    ]


LIST_FACTS = {  # name → place in a row of ASSIGNMENT_COLUMNS
    "place": 0,
    "number": 1,
    "title": 2,
    "delegate": 3,
    "unit": 4,
    "role": 5,
    "assigned_on": 8,
    "due_on": 9,
}


def assignment_facts(entries: Sequence[Entry]) -> list[dict[str, Value]]:
    """The same for a printed list, by the names of its template."""
    return [{name: row[place] for name, place in LIST_FACTS.items()} for row in assignment_rows(entries)]


def _category(category: str | None) -> str | None:
    return CATEGORIES.get(category, category) if category else None


def _day(at: datetime | None) -> Value:
    return local_date(at) if at else None
