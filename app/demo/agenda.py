"""Which suggestions the year saw, planned before they are told: how far each came, when, how late (pure)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from random import Random

from app.demo.days import Days
from app.demo.shape import Fate, Shape
from app.suggestions.models import Outcome
from app.suggestions.states import State

REVIEW, ASSIGN, ACCEPT, CONTACT = (1, 3), (2, 6), (1, 2), (4, 12)  # working days since the act before
DRAFT, ISSUE, EVALUATE, KEEP = (10, 38), (1, 3), (2, 10), (12, 45)
GAPS = (REVIEW, ASSIGN, ACCEPT, CONTACT, DRAFT, ISSUE, EVALUATE, KEEP)
LATE_DRAFT = (66, 80)  # beyond three months
YEAR = 238  # working days

ACTS = {
    State.DRAFT: 0,
    State.SUBMITTED: 1,
    State.ACCEPTED: 2,
    State.ASSIGNED: 3,
    State.HANDLING: 5,
    State.REPLY_DRAFTED: 6,
    State.REPLIED: 7,
    State.REJECTED: 8,
    State.COMMITTED: 8,
    State.CLOSED: 8,
}
# Working days ago of the latest act: usually, and where somebody is late.
AGO = {
    State.DRAFT: ((0, 15), (0, 15)),
    State.SUBMITTED: ((0, 1), (6, 8)),
    State.ACCEPTED: ((0, 5), (13, 16)),
    State.ASSIGNED: ((0, 1), (5, 9)),
    State.HANDLING: ((0, 20), (66, 85)),
    State.REPLY_DRAFTED: ((0, 2), (0, 2)),
    State.REPLIED: ((1, 8), (21, 25)),
    State.REJECTED: ((0, 3), (7, 9)),
    State.COMMITTED: ((25, 60), (25, 60)),
    State.CLOSED: ((1, YEAR), (1, YEAR)),
}
TOLD_BEFORE = 25  # working days in which the residents behind a suggestion have been told
# How many of each state belong to the demo users' township; the first one in hand is the live one.
SHOWCASE = {
    State.CLOSED: 4,
    State.COMMITTED: 1,
    State.REPLIED: 1,
    State.HANDLING: 2,
    State.SUBMITTED: 1,
    State.ACCEPTED: 1,
    State.DRAFT: 1,
}
LATE_EVERY, KEPT_EVERY, COUNTY_SHARE = 4, 5, 0.35
QUIET_WEEKS = 12  # the showcase's promises are due later than that
EVALUATED = (State.CLOSED, State.COMMITTED)
WITH_UNIT = (State.HANDLING, State.REPLY_DRAFTED, State.REPLIED, State.REJECTED)
PLAIN_OUTCOMES = (*(Outcome.SOLVED,) * 6, *(Outcome.PARTLY_SOLVED,) * 3, Outcome.NOT_FEASIBLE)
PROMISED_OUTCOMES = (Outcome.PLANNED, Outcome.PLANNED, Outcome.CROSS_YEAR)


@dataclass
class Plan:
    """`from_opinion`: a resident's opinion stands behind it. `late`: somebody is, or was."""

    state: State
    place: int
    showcase: bool
    late: bool = False
    live: bool = False
    county: bool = False
    kept: bool = False
    from_opinion: bool = False

    @property
    def promises(self) -> bool:
        return self.kept or self.state is State.COMMITTED

    @property
    def acts(self) -> int:
        """How many of submission, review … evaluation, fulfilment were taken."""
        return ACTS[self.state] + self.kept

    def gaps(self, rng: Random) -> list[int]:
        """Working days between its acts."""
        ranges = list(GAPS[: max(0, self.acts - 1)])
        if self.late and self.state in (State.CLOSED, State.REPLY_DRAFTED):
            ranges[GAPS.index(DRAFT)] = LATE_DRAFT
        return [rng.randint(low, high) for low, high in ranges]

    def ended(self, days: Days, gaps: list[int], rng: Random) -> date:
        """The day of its latest act."""
        low, high = AGO[self.state][self.late and not self.showcase]
        if self.from_opinion and self.state in EVALUATED:
            low = max(low, TOLD_BEFORE)
        if self.showcase and self.state is State.HANDLING:
            low = high = 8
        return days.back(rng.randint(low, max(low, min(high, YEAR - sum(gaps)))))

    def outcome(self, rng: Random) -> Outcome:
        return rng.choice(PROMISED_OUTCOMES if self.promises else PLAIN_OUTCOMES)

    def promised_for(self, days: Days, rng: Random) -> date:
        """Of a promise still followed: its date has passed where the unit is late."""
        if self.late:
            return days.back(rng.randint(2, 9))
        weeks = QUIET_WEEKS if self.showcase else 4
        return days.calendar.on_or_after(days.shift_weeks(weeks + rng.randint(1, 12)))


def agenda(shape: Shape, rng: Random) -> list[Plan]:
    """Every suggestion of the year."""
    plans = list(_plans(shape, rng))
    _link(plans, EVALUATED, shape.opinions[Fate.ADOPTED_CLOSED])
    _link(plans, WITH_UNIT, shape.opinions[Fate.ADOPTED])
    return plans


def _plans(shape: Shape, rng: Random) -> Iterator[Plan]:
    for state, count in shape.suggestions.items():
        for place in range(count):
            showcase = place < SHOWCASE.get(state, 0)
            yield Plan(
                state=state,
                place=place,
                showcase=showcase,
                late=not showcase and (place % LATE_EVERY == 0 or place == count - 1),
                live=showcase and state is State.HANDLING and place == 0,
                county=not showcase and rng.random() < COUNTY_SHARE,
                kept=state is State.CLOSED and not showcase and place % KEPT_EVERY == 0,
            )


def _link(plans: list[Plan], states: tuple[State, ...], opinions: int) -> None:
    """Spread the adopted opinions over suggestions in these states, every other one first."""
    fit = [plan for plan in plans if plan.state in states and not plan.live]
    for plan in sorted(fit, key=lambda plan: (plan.place % 2, plan.county))[:opinions]:
        plan.from_opinion, plan.county = True, False
