"""The model and the database told in the same words, so that they can be compared."""

from datetime import date
from typing import Any

from tests.suggestions.cast import Cast
from tests.suggestions.file import File
from tests.suggestions.model import Clock, Duty, Matter

Facts = dict[str, Any]


def facts_of(matter: Matter) -> Facts:
    if matter.gone:
        return {"state": "gone"}
    return {
        "state": matter.state,
        "lead": matter.lead,
        "steps": matter.steps,
        "clocks": _dues(matter.clocks),
        "waiting": sorted(matter.waiting),
        "urges": matter.urges,
        "duties": [_duty(duty) for duty in matter.duties],
    }


def _duty(duty: Duty) -> Facts:
    return {
        "unit": duty.unit,
        "role": duty.role,
        "state": duty.state,
        "round": duty.round,
        "clocks": _dues(duty.clocks),
        "asked": (duty.asked.until, _dues(duty.asked.clocks)) if duty.asked else None,
        "promises": [(p.state, p.due_on, _dues(p.clocks)) for p in duty.promises],
    }


def _dues(clocks: dict[str, Clock]) -> dict[str, date]:
    return {kind: clock.due for kind, clock in clocks.items()}


def stored(cast: Cast, file: File | None) -> Facts:
    if file is None:
        return {"state": "gone"}
    duties = [file.duty_id(n) for n in range(len(file.duties))]
    known = {*duties, *(row.id for row in (*file.promises, *file.asked))}
    return {
        "state": file.state,
        "lead": cast.seat_name(file.lead),
        "steps": file.steps,
        "clocks": {
            row.facts["kind"]: date.fromisoformat(row.facts["last_day"])
            for row in file.clocks
            if row.of not in known
        },
        "waiting": sorted(file.approvals),
        "urges": len(file.urges),
        "duties": [_stored_duty(cast, file, n) for n in range(len(duties))],
    }


def _stored_duty(cast: Cast, file: File, place: int) -> Facts:
    row, id = file.duties[place], file.duty_id(place)
    assert id is not None
    asked = next((r for r in file.asked if r.of == id and r.facts["what"] == "extension"), None)
    promises = [row for row in file.promises if row.of == id]
    return {
        "unit": cast.unit_letter(row["unit"]),
        "role": row["role"],
        "state": row["state"],
        "round": row["round"],
        "clocks": file.clocks_of(id),
        "asked": (date.fromisoformat(asked.facts["until"]), file.clocks_of(asked.id)) if asked else None,
        "promises": [
            (row.facts["state"], date.fromisoformat(row.facts["due_on"]), file.clocks_of(row.id))
            for row in promises
        ],
    }
