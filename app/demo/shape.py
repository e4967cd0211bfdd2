"""How large the demo county is (pure). Full size is the contract's; tests ask for a small one."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.suggestions.states import State


class Fate(StrEnum):
    """What became of a resident's opinion."""

    ANSWERED_CLOSED = "answered_closed"
    ADOPTED_CLOSED = "adopted_closed"  # behind a suggestion that was evaluated
    TRANSFERRED_CLOSED = "transferred_closed"
    TOLD = "told"
    ANSWERED = "answered"
    ADOPTED = "adopted"  # behind a suggestion still with a unit
    AWAITING = "awaiting"
    REOPENED = "reopened"
    RECEIVED = "received"


CLOSED_FATES = (Fate.ANSWERED_CLOSED, Fate.ADOPTED_CLOSED, Fate.TRANSFERRED_CLOSED)

# 392 opinions, 362 of them closed (domain.md 1).
OPINIONS: Mapping[Fate, int] = {
    Fate.ANSWERED_CLOSED: 290,
    Fate.ADOPTED_CLOSED: 46,
    Fate.TRANSFERRED_CLOSED: 26,
    Fate.TOLD: 5,
    Fate.ANSWERED: 4,
    Fate.ADOPTED: 9,
    Fate.AWAITING: 3,
    Fate.REOPENED: 1,
    Fate.RECEIVED: 8,
}
SUGGESTIONS: Mapping[State, int] = {
    State.CLOSED: 76,
    State.COMMITTED: 16,
    State.REPLIED: 12,
    State.REJECTED: 4,
    State.REPLY_DRAFTED: 6,
    State.HANDLING: 17,
    State.ASSIGNED: 6,
    State.ACCEPTED: 5,
    State.SUBMITTED: 5,
    State.DRAFT: 3,
}
LEAST = {State.CLOSED: 6, State.COMMITTED: 2, State.HANDLING: 3}  # in time, late and live ones


@dataclass(frozen=True)
class Shape:
    """Counts. `county_seats` are held by people who hold a town's seat too."""

    towns: int
    streets: int
    stations: int
    points: int
    delegates: int
    county_seats: int
    duties: int
    visits: int
    opinions: Mapping[Fate, int]
    suggestions: Mapping[State, int]

    @property
    def centres(self) -> int:
        return self.towns + self.streets

    @classmethod
    def scaled(cls, scale: float) -> "Shape":
        """`scale` 1 is the contract's county; below, a small one in which everything still occurs."""

        def some(count: int, least: int = 1) -> int:
            return max(least, round(count * scale))

        return cls(
            towns=some(17, 2),
            streets=some(4),
            stations=some(59, 3),
            points=some(156, 3),
            delegates=some(1221, 24),
            county_seats=some(68, 6),
            duties=some(319, 4),
            visits=some(240, 4),
            opinions={fate: some(count) for fate, count in OPINIONS.items()},
            suggestions={state: some(count, LEAST.get(state, 1)) for state, count in SUGGESTIONS.items()},
        )
