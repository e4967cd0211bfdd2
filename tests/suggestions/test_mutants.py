"""Each error planted in the workflow is caught by the machine, soon: the machine can fail."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import true

from app.deadlines import arithmetic
from app.deadlines import service as clocks
from app.infra import outbox
from app.kernel.clock import DAY, end_of_day
from app.suggestions import (
    approving,
    handling,
    promising,
    queries,
    steps,
    supervising,
    workflow,
)
from app.suggestions.approving import Basis
from app.suggestions.events import SuggestionUrged
from tests.conftest import Dsns
from tests.suggestions.coverage import Coverage
from tests.suggestions.oracle import EDGES
from tests.suggestions.rig import Walk, walking

STEPS = 600
# As if all had been reached before: the walk then goes on to an answer, and lingers nowhere.
EVERYTHING = [(*edge, way) for edge in EDGES for way in ("allowed", "refused")]
Plant = Callable[[pytest.MonkeyPatch, Walk], None]


async def nothing(*_: object, **__: object) -> None:
    """In place of a guard."""


@dataclass(frozen=True)
class Mutant:
    """`wanted`: the act that would show it, tried whenever it is at hand. `racing`: share of races."""

    name: str
    plant: Plant
    wanted: str | None = None
    racing: float = 0.04


def contact_not_needed(patch: pytest.MonkeyPatch, walk: Walk) -> None:
    patch.setattr(handling, "_need_contact", nothing)


def everybody_finds_everything(patch: pytest.MonkeyPatch, walk: Walk) -> None:
    patch.setattr(queries, "visible", lambda actor: true())


def every_clock_is_a_day_longer(patch: pytest.MonkeyPatch, walk: Walk) -> None:
    def longer(limit: Any, calendar: Any) -> Any:
        ends = arithmetic.due(limit, calendar)
        last_day: date = ends.last_day + DAY
        return replace(ends, last_day=last_day, due_at=end_of_day(last_day))

    patch.setattr(clocks, "due", longer)


def a_last_day_of_rest_stays(patch: pytest.MonkeyPatch, walk: Walk) -> None:
    patch.setattr(arithmetic.WorkingCalendar, "on_or_after", lambda calendar, day: day)


def the_urge_is_sent_before_it_is_recorded(patch: pytest.MonkeyPatch, walk: Walk) -> None:
    recorded = supervising.supervise

    async def sent_first(tx: Any, suggestion: Any, what: Any, doing: Any) -> Any:
        async with walk.machine.database.unit(walk.machine.tenant) as other:
            event = SuggestionUrged(
                suggestion_id=suggestion.id,
                region_id=suggestion.region_id,
                confidential=False,
                unit_id=uuid4(),
                supervision_id=uuid4(),
            )
            outbox.record(other, event, now=doing.now)
        return await recorded(tx, suggestion, what, doing)

    patch.setattr(supervising, "supervise", sent_first)


def a_units_etag_tells_of_judgements(patch: pytest.MonkeyPatch, walk: Walk) -> None:
    patch.setattr(steps, "HIDDEN_FROM_UNITS", frozenset())


def nobody_locks(patch: pytest.MonkeyPatch, walk: Walk) -> None:
    patch.setattr(queries, "seen_for_update", queries.seen)


def promises_have_no_clock(patch: pytest.MonkeyPatch, walk: Walk) -> None:
    patch.setattr(promising, "start_clocks", nothing)


def what_moves_no_state_leaves_no_step(patch: pytest.MonkeyPatch, walk: Walk) -> None:
    append = steps.append

    def moved_only(tx: Any, s: Any, a: Any, act: Any, left: str, entered: str, doing: Any) -> None:
        if left != entered:
            append(tx, s, a, act, left, entered, doing)

    patch.setattr(steps, "append", moved_only)


def the_most_advanced_unit_decides(patch: pytest.MonkeyPatch, walk: Walk) -> None:
    patch.setattr(workflow, "PROGRESS", workflow.PROGRESS[::-1])


def the_office_signs_for_the_chair(patch: pytest.MonkeyPatch, walk: Walk) -> None:
    async def signed(*_: object) -> Basis:
        return Basis()

    patch.setattr(approving, "_basis", signed)


def extensions_have_no_cap(patch: pytest.MonkeyPatch, walk: Walk) -> None:
    patch.setattr(clocks, "extension", nothing)


MUTANTS = (
    Mutant("drop a guard: no contact before the reply", contact_not_needed, "reply"),
    Mutant("skip a scope", everybody_finds_everything),
    Mutant("off by one day", every_clock_is_a_day_longer),
    Mutant("forget a roll", a_last_day_of_rest_stays),
    Mutant("send before recording", the_urge_is_sent_before_it_is_recorded, "supervisions"),
    Mutant("leak a judgement", a_units_etag_tells_of_judgements, "evaluation"),
    Mutant("forget the lock", nobody_locks, racing=0.4),
    Mutant("forget a clock", promises_have_no_clock, "reply"),
    Mutant("lose a step", what_moves_no_state_leaves_no_step),
    Mutant("derive the wrong way round", the_most_advanced_unit_decides),
    Mutant("drop a guard: the chair's signature", the_office_signs_for_the_chair),
    Mutant("drop a guard: the cap of an extension", extensions_have_no_cap, "extension-request"),
)


@pytest.mark.xdist_group("suggestion machine")
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_machine_catches_it(
    mutant: Mutant, dsns: Dsns, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with walking(dsns, tmp_path) as walk, monkeypatch.context() as patch:
        mutant.plant(patch, walk)
        with pytest.raises(Exception) as caught:  # noqa: PT011 whatever gives it away
            go(walk, mutant)
    assert not isinstance(caught.value, Uncaught)


class Uncaught(Exception):
    """The walk ended and nothing was found."""


def go(walk: Walk, mutant: Mutant) -> None:
    walk.machine.racing = mutant.racing
    walk.begin(1, Coverage(Counter(EVERYTHING)), wanted=mutant.wanted)
    for _ in range(STEPS):
        walk.step(1)
    raise Uncaught


@pytest.mark.xdist_group("suggestion machine")
def test_without_a_mutant_the_same_steps_find_nothing(dsns: Dsns, tmp_path: Path) -> None:
    with walking(dsns, tmp_path) as walk, pytest.raises(Uncaught):
        go(walk, Mutant("none", lambda patch, walk: None, racing=0.2))
