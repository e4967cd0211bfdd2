"""Two at once: one wins, the other is told how things stand now. Nothing is lost, nothing is done twice."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest

from app.kernel.errors import DomainError
from app.kernel.ids import new_id
from app.suggestions.jobs import lapse_evaluations
from tests.conftest import Dsns
from tests.people import post
from tests.suggestions.desk import Desk
from tests.suggestions.machine import Machine
from tests.suggestions.model import Attempt
from tests.suggestions.rig import walking

RACES = 250  # of assignments, and as many of evaluations

# A suggestion with its clocks, once more under other ids; `$3`: its assignment's new id, if it has one.
COPIED = """
WITH twin AS (
  INSERT INTO suggestions SELECT (jsonb_populate_record(s, jsonb_build_object('id', $2::uuid,
         'number', $2::uuid))).* FROM suggestions s WHERE s.id = $1),
duty AS (
  INSERT INTO assignments SELECT (jsonb_populate_record(a, jsonb_build_object('id', $3::uuid,
         'suggestion_id', $2::uuid))).* FROM assignments a WHERE a.suggestion_id = $1),
reply AS (
  INSERT INTO replies SELECT (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid(),
         'assignment_id', $3::uuid))).*
    FROM replies r JOIN assignments a ON a.id = r.assignment_id WHERE a.suggestion_id = $1)
INSERT INTO deadlines SELECT (jsonb_populate_record(d, jsonb_build_object('id', gen_random_uuid(),
       'root_id', $2::uuid, 'subject_id', CASE d.subject_id WHEN $1 THEN $2::uuid ELSE $3 END))).*
  FROM deadlines d WHERE d.root_id = $1 AND d.stopped_at IS NULL"""


async def test_of_two_officers_who_sign_for_it_at_once_one_is_told_that_it_is_done(desk: Desk) -> None:
    await desk.assigned()
    answers = await asyncio.gather(desk.act("bob", "acceptance"), desk.act("bella", "acceptance"))
    [won], [lost] = _parted(answers)
    assert won.json()["state"] == "handling"
    told = lost.json()
    assert (lost.status_code, told["code"], told["state"]) == (409, "step-not-allowed", "handling")
    assert {"contacts", "reply-draft"} <= set(told["allowed"])


async def test_of_two_assignments_at_once_the_second_meets_the_first(desk: Desk) -> None:
    await desk.accepted()
    units = (desk.county.unit_id, desk.county.other_unit_id)
    orders = [desk.act("chen", "assignment", {"lead_unit_id": str(unit)}) for unit in units]
    [won], [lost] = _parted(await asyncio.gather(*orders))
    assert won.json()["state"] == "assigned"
    told = lost.json()
    assert (lost.status_code, told["code"], told["state"]) == (409, "already-assigned", "assigned")
    assert len((await desk.seen("carol"))["assignments"]) == 1


async def test_two_who_saw_the_same_version_cannot_both_act_on_it(desk: Desk) -> None:
    await desk.assigned()
    seen = await desk.client.get(desk.at, headers=desk.county["carol"].headers)
    key = {"If-Match": seen.headers["ETag"]}
    urges = [
        desk.client.post(
            f"{desk.at}/supervisions",
            json={"kind": "urge", "note": note},
            headers={**desk.county[who].headers, **key, "Idempotency-Key": f"urge-by-{who}-0001"},
        )
        for who, note in (("carol", "请抓紧"), ("chen", "请尽快"))
    ]
    [won], [lost] = _parted(await asyncio.gather(*urges))
    assert (lost.status_code, lost.json()["code"]) == (412, "if-match-stale")
    assert len(won.json()["supervisions"]) == 1


async def test_one_key_sent_twice_at_once_acts_once(desk: Desk) -> None:
    await desk.handling()
    talk = {"how": "phone", "at": "2026-11-25T09:00:00+08:00", "note": "已沟通"}
    sent = [
        post(desk.client, f"{desk.at}/contacts", desk.county["bob"], talk, key="one-key-for-both-1")
        for _ in range(2)
    ]
    first, second = await asyncio.gather(*sent)
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert len((await desk.seen("alice"))["contacts"]) == 1


def _parted(answers: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    return [a for a in answers if a.is_success], [a for a in answers if not a.is_success]


@pytest.mark.xdist_group("suggestion machine")
def test_raced_assignments_and_evaluations_lose_nothing(dsns: Dsns, tmp_path: Path) -> None:
    with walking(dsns, tmp_path) as walk:
        walk.run(_found)
        for n in range(RACES):
            walk.run(_assigned_twice)
            walk.run(_evaluated_twice if n % 2 else _evaluated_while_it_lapses)
        walk.run(Machine.invariants)


async def _found(machine: Machine) -> None:
    """The first two suggestions: one to be assigned, one to be evaluated. The rest are their copies."""
    await machine.begin(Random(0))
    machine.ids.clear()
    machine.world.matters.clear()
    desk = Desk(machine.client, machine.cast.county)
    await desk.accepted()
    machine.ids.append(UUID(desk.at.rpartition("/")[2]))
    await desk.replied()
    machine.ids.append(UUID(desk.at.rpartition("/")[2]))
    machine.clock.pass_(days=60)  # the window for the evaluation has passed


async def _copy(machine: Machine, original: UUID) -> UUID:
    twin = new_id()
    await machine.rows.execute(COPIED, original, twin, new_id())
    return twin


async def _race(machine: Machine, id: UUID, *attempts: Attempt) -> list[DomainError | None]:
    machine.ids[2:] = [id]
    known = await machine.file(2)
    return await asyncio.gather(*(machine.directly(attempt, known) for attempt in attempts))


async def _assigned_twice(machine: Machine) -> None:
    id = await _copy(machine, machine.ids[0])
    orders = [{"order": {"lead": [unit]}} for unit in ("A", "B")]
    answers = await _race(machine, id, *(Attempt("assignment", "chen", 2, None, order) for order in orders))
    assert sorted(map(_code, answers)) == ["already-assigned", "done"]
    after = await machine.file(2)
    [duty] = after.duties
    winner = machine.cast.units["A" if answers[0] is None else "B"]
    assert (after.state, duty["unit"], after.steps) == ("assigned", str(winner), 1)
    assert after.clocks_of(id) == {}
    assert len(after.clocks) == 4


async def _evaluated_twice(machine: Machine) -> None:
    id = await _copy(machine, machine.ids[1])
    marks = [{"satisfied": True}, {"satisfied": False, "comment": True}]
    answers = await _race(machine, id, *(Attempt("evaluation", "alice", 2, 0, mark) for mark in marks))
    assert sorted(map(_code, answers)) == ["done", "step-not-allowed"]
    state = "closed" if answers[0] is None else "rejected"
    after = await machine.file(2)
    assert (after.state, after.steps) == (state, 1)
    assert await _marks(machine, id) == ["satisfied" if answers[0] is None else "unsatisfied"]


async def _evaluated_while_it_lapses(machine: Machine) -> None:
    """The sweep notes the silence at the moment in which the delegate breaks it."""
    id = await _copy(machine, machine.ids[1])
    reminded = "UPDATE assignments SET reminded_on = '2026-10-01' WHERE suggestion_id = $1"
    await machine.rows.execute(reminded, id)
    unsatisfied = {"satisfied": False, "comment": True}
    machine.ids[2:] = [id]
    known = await machine.file(2)
    refusal, _ = await asyncio.gather(
        machine.directly(Attempt("evaluation", "alice", 2, 0, unsatisfied), known), _sweep(machine)
    )
    after = await machine.file(2)
    assert (after.state, after.steps) == ("rejected" if refusal is None else "closed", 1)
    assert await _marks(machine, id) == (["unsatisfied"] if refusal is None else [])


async def _sweep(machine: Machine) -> None:
    async with machine.database.unit(machine.tenant) as tx:
        await lapse_evaluations(tx, machine.clock.now)


async def _marks(machine: Machine, id: UUID) -> list[str]:
    rows = await machine.rows.fetch("SELECT overall FROM evaluations WHERE suggestion_id = $1", id)
    return [row["overall"] for row in rows]


def _code(answer: DomainError | None) -> str:
    return answer.code if answer else "done"
