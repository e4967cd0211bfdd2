"""总览: every family of figures, in the projection of who asks.

The government side never learns how a reply was judged: no evaluation, no silence, no clock of the
review, and judged states read `replied`. A unit is counted for its own assignments alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.accounts.permissions import Permission, Role, Side
from app.kernel.clock import local_date
from app.reports import figures, queries, questions
from app.reports.errors import SpanBackwards, TownshipUnknown
from app.reports.figures import FEWEST, Figure
from app.reports.queries import WHOLE, By, Grouped, Span
from app.suggestions.visibility import shown_state

CONGRESS_ROLES = (Role.CONGRESS_OFFICE, Role.PRESIDIUM_CHAIR, Role.LEADER)
FIGURE_ROLES = (*CONGRESS_ROLES, Role.GOVERNMENT_OFFICE)
QUIET = timedelta(days=15)  # available, unread: domain.md 3
Keyed = Mapping[str | None, Sequence[Figure]]


@dataclass(frozen=True)
class Asked:
    """What is asked for. Suggestions and opinions are those of the actor's own lists, so that card, list
    and export agree; `township_id` None: of every place.
    """

    actor: Actor
    span: Span
    now: datetime
    township_id: UUID | None = None
    by: By | None = None

    @property
    def side(self) -> Side:
        """Who is of a unit and a delegate too still reads as the unit does."""
        return Side.CONGRESS if self.actor.holding(*CONGRESS_ROLES) else Side.GOVERNMENT

    @property
    def units(self) -> list[UUID] | None:
        """A unit is shown its own part; None: everybody's."""
        return None if self.actor.holding(*FIGURE_ROLES) else sorted(self.actor.unit_ids)

    @property
    def places(self) -> list[UUID] | None:
        """Where presence is counted: the township asked for, else the actor's own; None: the county."""
        if self.township_id is not None:
            return [self.township_id]
        everywhere = self.actor.in_county(*FIGURE_ROLES)
        return None if everywhere else sorted(self.actor.scopes(*FIGURE_ROLES))


def need_place(actor: Actor, township_id: UUID | None) -> None:
    """Another township's figures are not found; a unit serves every town. Raises TownshipUnknown."""
    offices = actor.holding(*FIGURE_ROLES)
    if township_id is None or not offices or actor.in_county(*FIGURE_ROLES):
        return
    if township_id not in actor.scopes(*FIGURE_ROLES):
        raise TownshipUnknown


def span_of(since: Any, until: Any, now: datetime) -> Span:
    """Default: this year, till today."""
    today = local_date(now)
    last = until or today
    span = Span(since or last.replace(month=1, day=1), last)
    if span.first > span.last:
        raise SpanBackwards
    return span


async def counted(tx: AsyncSession, asked: Asked) -> Keyed:
    """The figures of the whole under WHOLE, and those of each row of the breakdown."""
    return _together(
        [
            *await _of_suggestions(tx, asked),
            *await _of_opinions(tx, asked),
            *await _of_presence(tx, asked),
        ]
    )


async def of_suggestions(tx: AsyncSession, asked: Asked) -> Keyed:
    """The same of suggestions alone."""
    return _together(await _of_suggestions(tx, asked))


def _together(families: Sequence[Keyed]) -> Keyed:
    keys: dict[str | None, None] = {WHOLE: None}
    for family in families:
        keys.update(dict.fromkeys(family))
    return {key: [f for family in families for f in family.get(key, ())] for key in keys}


async def _of_suggestions(tx: AsyncSession, asked: Asked) -> list[Keyed]:
    facts = _facts(asked, await queries.suggestions(tx, asked.actor, asked.span, asked.township_id))
    q = questions
    found = [
        _made(figures.received, await _received(tx, asked, facts)),
        await _clocks(tx, asked, facts),
        _made(figures.handling, await queries.counts(tx, q.HANDLING, facts)),
        _made(
            figures.outcomes,
            await queries.counts_of(tx, q.OUTCOMES, facts, of="outcome", amount="replies"),
        ),
        _made(figures.promises, await queries.counts(tx, q.PROMISES, facts)),
    ]
    if asked.side is Side.CONGRESS:
        marks = await queries.counts(tx, q.JUDGEMENTS, facts)
        found.append(_made(figures.judgements, _untraceable(marks)))
    else:
        found.append({WHOLE: [_withheld()]})
    return found


def _facts(asked: Asked, cohort: Sequence[UUID]) -> dict[str, Any]:
    span = asked.span
    return {
        "cohort": list(cohort),
        "units": asked.units,
        "regions": asked.places,
        "by": asked.by,
        "now": asked.now,
        "today": local_date(asked.now),
        "quiet": asked.now - QUIET,
        "since": span.since,
        "until": span.until,
        "first": span.first,
        "last": span.last,
    }


def _made(family: Any, grouped: Grouped) -> Keyed:
    return {key: list(family(counts)) for key, counts in grouped.items()}


async def _received(tx: AsyncSession, asked: Asked, facts: Mapping[str, Any]) -> Grouped:
    """States as this side reads them, summed up to what was received."""
    by_state = await queries.counts_by(tx, questions.RECEIVED, facts, of="state")
    found: Grouped = {WHOLE: {}}
    for key, states in by_state.items():
        row = found.setdefault(key, {})
        for state, counts in states.items():
            shown = shown_state(state, asked.side)
            row[shown] = row.get(shown, 0) + counts["received"]
            for name, count in counts.items():
                row[name] = row.get(name, 0) + count
    return found


def _kinds(side: Side) -> dict[str, str]:
    """To the government side the congress's review of a reply has no clock."""
    office = dict(figures.OFFICE_CLOCKS)
    if side is Side.GOVERNMENT:
        del office["rejection_decision"]
    return office | figures.UNIT_CLOCKS


async def _clocks(tx: AsyncSession, asked: Asked, facts: Mapping[str, Any]) -> Keyed:
    kinds = _kinds(asked.side)
    pairs = [(kind, act) for kind in kinds for act in figures.FULFILLED_BY[kind]]
    fulfilling = {"kinds": [kind for kind, _ in pairs], "acts": [act for _, act in pairs]}
    grouped = await queries.counts_by(tx, questions.CLOCKS, {**facts, **fulfilling}, of="kind")
    return {
        key: [f for kind, name in kinds.items() for f in figures.clocks(kind, name, by_kind.get(kind, {}))]
        for key, by_kind in {WHOLE: {}, **grouped}.items()
    }


def _untraceable(marks: Grouped) -> Grouped:
    """Where the rows left blank hold fewer marks than FEWEST together, the whole minus the shown rows
    would give them away: then no row is shown."""
    few = [
        counts["marked"] for key, counts in marks.items() if key is not WHOLE and counts["marked"] < FEWEST
    ]
    if not 0 < sum(few) < FEWEST:
        return marks
    return {WHOLE: marks[WHOLE]}


def _withheld() -> Figure:
    return Figure("evaluation", "代表评价", None, withheld=figures.NOT_FOR_UNITS)


async def _of_opinions(tx: AsyncSession, asked: Asked) -> list[Keyed]:
    if not asked.actor.may(Permission.OPINION_READ):
        return []
    facts = _facts(asked, await queries.opinions(tx, asked.actor, asked.span, asked.township_id))
    grouped = await queries.counts(tx, questions.OPINIONS, facts)
    found = [_made(figures.opinions, grouped)]
    if asked.side is Side.CONGRESS:
        found.append(_made(figures.residents_marks, grouped))
    return found


async def _of_presence(tx: AsyncSession, asked: Asked) -> list[Keyed]:
    """Where people were is the congress's matter."""
    if asked.side is Side.GOVERNMENT:
        return []
    facts = _facts(asked, ())
    grouped = await queries.counts_of(tx, questions.PRESENCE, facts, of="what", amount="amount")
    return [_made(figures.presence, {WHOLE: {}, **grouped})]


def rows_of(found: Keyed) -> Iterator[str]:
    """The keys of the breakdown."""
    return (key for key in found if key is not WHOLE)
