"""Who plays in each planned suggestion, and the residents behind it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from random import Random

from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.deadlines.arithmetic import Period, TimeLimit, due
from app.demo import proposals, residents
from app.demo.agenda import Plan
from app.demo.county import County, Town
from app.demo.county import Unit as HandlingUnit
from app.demo.days import Days, minutes
from app.demo.history import Story
from app.demo.proposals import Proposal
from app.demo.residents import Case
from app.demo.texts import Matter, matter
from app.kernel.clock import DAY
from app.opinions import answering
from app.opinions.jobs import result_words
from app.suggestions import queries
from app.suggestions.states import State

LIVE_IN = 5  # working days till the live suggestion's reply is due
EVALUATION = 7  # its place among the acts
HEARD_BEFORE = (1, 1, 2, 3)  # working days from a resident's word to the delegate's


@dataclass(frozen=True)
class Stage:
    """`reply`: the period of the reply under the pack in force."""

    tx: AsyncSession
    county: County
    days: Days
    reply: Period


def stories(stage: Stage, plans: list[Plan], rng: Random) -> Iterator[Story]:
    for plan in plans:
        own = Random(rng.random())
        times = _times(stage, plan, own)
        town = stage.county.showcase if plan.showcase else own.choice(stage.county.towns[1:])
        proposal = _cast(stage, plan, town, times, own)
        yield proposals.told(proposal, plan.acts)
        if proposal.case is not None:
            yield residents.told(proposal.case, residents.heard)
            if plan.state in (State.CLOSED, State.COMMITTED):
                yield _followed(proposal, proposal.case, times[EVALUATION])


def _times(stage: Stage, plan: Plan, rng: Random) -> list[datetime]:
    gaps = plan.gaps(rng)
    if not plan.live:
        return stage.days.walk(plan.ended(stage.days, gaps, rng), gaps, rng)
    before, after = gaps[:2], gaps[2:]
    assigned = stage.days.walk(live_since(stage.days, stage.reply), before, rng)
    for gap in after:
        assigned.append(stage.days.after(assigned[-1], gap, rng))
    return assigned


def live_since(days: Days, reply: Period) -> date:
    """The working day on which to assign what must be answered in five working days from today."""
    wanted = days.calendar.shift(days.today, LIVE_IN)
    day = days.calendar.shift(days.today, -90)
    while due(TimeLimit(day, reply), days.calendar).last_day < wanted:
        day = days.calendar.shift(day, 1)
    return day


def _cast(stage: Stage, plan: Plan, town: Town, times: list[datetime], rng: Random) -> Proposal:
    county = stage.county
    about = matter(rng, town.villages)
    author = _author(county, plan, town, rng)
    assert town.chair is not None  # towns have one
    assert town.unit is not None
    return Proposal(
        tx=stage.tx,
        days=stage.days,
        rng=rng,
        matter=about,
        author=author,
        office=county.office if plan.county else town.office,
        signer=county.office if plan.county else town.chair,
        unit=_bureau(county, about) if plan.county else town.unit,
        times=iter(times),
        outcome=plan.outcome(rng),
        satisfied=plan.state is not State.REJECTED,
        due_on=_promised_for(stage, plan, times, rng),
        case=_case(stage, town, about, times[0], rng) if plan.from_opinion else None,
    )


def _author(county: County, plan: Plan, town: Town, rng: Random) -> Actor:
    """The demo delegate wrote what is most worth looking at in the showcase."""
    if plan.county:
        return rng.choice(county.delegates)
    own = plan.showcase and (plan.live or plan.state is not State.HANDLING) and plan.place < 2
    return town.delegates[0] if own else rng.choice(town.delegates[1:])


def _bureau(county: County, about: Matter) -> HandlingUnit:
    return next(unit for unit in county.bureaus if unit.row.name == about.topic.unit)


def _promised_for(stage: Stage, plan: Plan, times: list[datetime], rng: Random) -> date | None:
    if plan.kept:
        return stage.days.calendar.on_or_after(times[-1].date() + rng.choice((-6, 3, 8, 12)) * DAY)
    return plan.promised_for(stage.days, rng) if plan.promises else None


def _case(stage: Stage, town: Town, about: Matter, written: datetime, rng: Random) -> Case:
    day = stage.days.calendar.shift(written.date(), -rng.choice(HEARD_BEFORE))
    heard_at = stage.days.leisure(day, rng)
    return residents.case_at(stage.tx, stage.days, town, heard_at, rng, about)


async def _followed(p: Proposal, case: Case, evaluated: datetime) -> Story:
    """The result comes back to the resident, who rates it or stays silent."""
    case.at = evaluated + minutes(5)
    yield case.at
    [reply] = await queries.replies(p.tx, [p.assigned.id])
    words = result_words(p.suggestion, reply)
    await answering.bring_result(p.tx, p.suggestion.id, words, p.unit.row.name, case.system())
    async for at in residents.told(case, residents.informed, residents.ended):
        yield at
