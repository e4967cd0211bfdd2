"""What somebody may try next: mostly what the desk would do, sometimes what nobody should."""

from collections.abc import Callable
from datetime import date, timedelta
from random import Random

from tests.suggestions import oracle
from tests.suggestions.expected import EXPECTED, SIGNED
from tests.suggestions.model import (
    CONGRESS,
    DEAD,
    DELEGATES,
    EVERYBODY,
    HEADS,
    INNER,
    OFFICE,
    RUNNING,
    UNIT_OF,
    Attempt,
    Duty,
    Matter,
    World,
)

Args = dict[str, object]
SUGGESTION_ACTS = sorted((oracle.ON_SUGGESTION.keys() & EXPECTED.keys()) | {"approval"})
WHOLE = {"closure", "reopening"}  # of every assignment together
DUTY_ACTS = sorted((oracle.ON_ANSWERING.keys() | oracle.ON_CO.keys()) & EXPECTED.keys() - WHOLE)
DUTY_ACTS += ["contact-confirmation"]
DATED = {"review", "assignment", "return-decision", "rejection-decision", "reply"}
BY_LEAD = {"edit", "delete", "submission", "cosigner-removal", "withdrawal", "confirmation"}
BY_LEAD |= {"contact-confirmation", "evaluation"}
BY_SIGNERS = {"cosignature", "withdrawal-consent", "seconding"}
BY_UNIT = {"acceptance", "return-request", "extension-request", "contacts", "co-opinion", "reply-draft"}
BY_UNIT |= {"fulfilment", "slip", "further-reply"}
ORDERS: list[dict[str, list[str]]] = [
    {"lead": ["A"]},
    {"lead": ["B"], "co": ["A"]},
    {"lead": ["A"], "co": ["B", "C"]},
    {"separate": ["A", "B"]},
    {"separate": ["B", "A"]},
    {"separate": ["A", "C"]},
    {"separate": ["C", "B"]},
    {"lead": ["A"], "co": [INNER]},
    {"lead": ["C"], "separate": ["A"]},
    {"lead": [INNER]},
    {"lead": ["A"], "co": ["A"]},
    {"co": ["A"]},
]
ADDED: list[dict[str, list[str]]] = [{"co": ["B"]}, {"co": ["C"]}, {"separate": ["B"]}, {"separate": ["C"]}]
DISPATCHED: list[dict[str, list[str]]] = [{"lead": ["C"]}, {"lead": ["B"], "co": ["C"]}, {"lead": [INNER]}]


Aim = tuple[str, int, int | None]


def aims(world: World, missing: Callable[[str, str], set[str]]) -> list[Aim]:
    """Acts that are missing in the states in which something stands just now, with where it stands."""
    found: list[Aim] = []
    for place, matter in enumerate(world.matters):
        if matter.gone:
            continue
        found += [(act, place, None) for act in missing("suggestion", matter.state) if act in EXPECTED]
        for n, duty in enumerate(matter.duties):
            of = missing(duty.level, duty.state) - WHOLE
            found += [(act, place, n) for act in of if act in EXPECTED]
    return sorted(found, key=str)


def attempt(rng: Random, world: World, aim: Aim | None = None) -> Attempt:
    """One attempt on one matter: nine times in ten an act that some state of it knows."""
    act, place, duty = aim or _somewhere(rng, world)
    matter = world.matters[place]
    who = _right(rng, act, matter, matter.duties[duty] if duty is not None else None)
    if rng.random() < 0.3:
        who = rng.choice(EVERYBODY)
    return Attempt(act, who, place, duty, _args(rng, act, world, matter, duty))


def _somewhere(rng: Random, world: World) -> Aim:
    place = _place(rng, world)
    acts = _known(world.matters[place]) if rng.random() < 0.9 else []
    act, duty = rng.choice(acts or [(act, None) for act in SUGGESTION_ACTS] + _any(world.matters[place]))
    return act, place, duty


def _place(rng: Random, world: World) -> int:
    """Mostly something alive."""
    alive = [n for n, m in enumerate(world.matters) if not m.gone and m.state not in DEAD]
    return rng.choice(alive) if alive and rng.random() < 0.93 else rng.randrange(len(world.matters))


def _known(matter: Matter) -> list[tuple[str, int | None]]:
    found: list[tuple[str, int | None]] = [
        (act, None) for act in SUGGESTION_ACTS if oracle.has("suggestion", matter.state, act)
    ]
    for n, duty in enumerate(matter.duties):
        found += [(act, n) for act in DUTY_ACTS if oracle.has(duty.level, duty.state, act)]
        if duty.talks and duty.state in ("handling", "reply_drafted"):
            found.append(("contact-confirmation", n))
    if matter.waiting:
        found += [("approval", None)] * 3
    return found


def _any(matter: Matter) -> list[tuple[str, int | None]]:
    places: list[int | None] = [*range(len(matter.duties))] or [None]
    return [(act, place) for act in DUTY_ACTS for place in places]


def _right(rng: Random, act: str, matter: Matter, duty: Duty | None) -> str:
    """Somebody whose business it is."""
    if act in BY_LEAD:
        return matter.lead if rng.random() < 0.85 else rng.choice(sorted(OFFICE))
    if act in BY_SIGNERS:
        return rng.choice(sorted(matter.signers) or sorted(DELEGATES))
    if act in BY_UNIT and duty:
        return _of_unit(rng, duty.unit)
    if act in ("reply", "reply-return") and duty:
        return next((who for who in sorted(HEADS) if UNIT_OF[who] == duty.unit), "bella")
    if act.startswith("co-opinion-decision"):
        leads = [d.unit for d in matter.standing if d.role == "lead"]
        return _of_unit(rng, leads[0] if leads else "A")
    if act == "dispatch":
        return "gina"
    if act == "feedback":
        return _of_unit(rng, rng.choice([d.unit for d in matter.standing] or ["A"]))
    if act in ("key-designation", "approval"):
        return "chen"
    if act.partition(".")[0] in SIGNED and act != "review.accept":
        return rng.choice(["chen", "chen", "carol", "rex"])
    return rng.choice(["carol", "carol", "carol", *sorted(CONGRESS)])


def _of_unit(rng: Random, unit: str) -> str:
    return rng.choice(sorted(who for who, works_at in UNIT_OF.items() if works_at == unit) or ["bob"])


def _args(rng: Random, act: str, world: World, matter: Matter, duty: int | None) -> Args:
    of = matter.duties[duty] if duty is not None else None
    given = ARGS[act](rng, world, matter, of) if act in ARGS else {}
    if act.partition(".")[0] in DATED and rng.random() < 0.2:
        given["legal_date"] = world.today - timedelta(rng.randint(1, 3))
    return given


Make = Callable[[Random, World, Matter, Duty | None], Args]


def _often(rng: Random, share: float = 0.85) -> bool:
    return rng.random() < share


def _later(rng: Random, world: World, least: int, most: int) -> date:
    return world.today + timedelta(rng.randint(least, most))


def _order(rng: Random, world: World, matter: Matter, duty: Duty | None) -> Args:
    running = matter.state in RUNNING
    return {"order": rng.choice(ADDED * 4 + ORDERS if running else ORDERS), "complex": not _often(rng)}


def _until(rng: Random, world: World, matter: Matter, duty: Duty | None) -> Args:
    due = duty.main.due if duty and duty.main else world.today
    return {"until": due + timedelta(rng.choice([1, 20, 45, 70, 85, 95, 400]) if _often(rng) else -3)}


def _decided(rng: Random, world: World, matter: Matter, duty: Duty | None) -> Args:
    return {"agree": _often(rng, 0.6), **({} if _often(rng) else _until(rng, world, matter, duty))}


def _draft(rng: Random, world: World, matter: Matter, duty: Duty | None) -> Args:
    planned = _often(rng, 0.8)
    days = [_later(rng, world, 0, 60) for _ in range(rng.randint(1, 2))] if planned and _often(rng) else []
    if not _often(rng, 0.93):
        days.append(world.today - timedelta(1))
    return {"planned": planned, "promises": days}


def _evaluation(rng: Random, world: World, matter: Matter, duty: Duty | None) -> Args:
    return {"satisfied": _often(rng, 0.35), "comment": _often(rng), "proxy": _often(rng)}


def _promise(rng: Random, duty: Duty | None, wanted: tuple[str, ...]) -> int:
    """The place of a promise in one of these states, if there is one."""
    promises = duty.promises if duty else []
    fit = [n for n, promise in enumerate(promises) if promise.state in wanted]
    return rng.choice(fit) if fit and _often(rng) else rng.randint(0, 1)


def _slip(rng: Random, world: World, matter: Matter, duty: Duty | None) -> Args:
    return {"promise": _promise(rng, duty, ("open", "denied")), "day": _later(rng, world, -5, 90)}


def _confirmation(rng: Random, world: World, matter: Matter, duty: Duty | None) -> Args:
    return {"promise": _promise(rng, duty, ("reported",)), "kept": _often(rng, 0.7)}


def _minutes(rng: Random, world: World, matter: Matter, duty: Duty | None) -> Args:
    due = {"due_on": _later(rng, world, 0, 45)} if _often(rng, 0.9) else {}
    return {"held_on": world.today, **due}


def _cosignature(rng: Random, world: World, matter: Matter, duty: Duty | None) -> Args:
    behalf: Args = {"for": rng.choice(["erin", "frank"])} if rng.random() < 0.1 else {}
    return {"agree": _often(rng, 0.9), **behalf}


ARGS: dict[str, Make] = {
    "edit": lambda r, w, m, d: {"confidential": m.confidential},
    "cosignature": _cosignature,
    "cosigner-removal": lambda r, w, m, d: {"name": r.choice(["erin", "frank"])},
    "review.send_back": lambda r, w, m, d: {"reason": _often(r)},
    "review.transfer": lambda r, w, m, d: {"reason": _often(r)},
    "review.merge": lambda r, w, m, d: {"into": r.randrange(len(w.matters))},
    "assignment": _order,
    "assignment.added": _order,
    "dispatch": lambda r, w, m, d: {"order": r.choice(DISPATCHED)},
    "extension-request": _until,
    "extension-decision": _decided,
    "approval": lambda r, w, m, d: {"name": r.choice(sorted(m.waiting) or SIGNED), "agree": _often(r, 0.8)},
    "contact-confirmation": lambda r, w, m, d: {"happened": _often(r, 0.4)},
    "reply-draft": _draft,
    "evaluation": _evaluation,
    "rejection-decision.stand": lambda r, w, m, d: {"consent": _often(r)},
    "conference-record.new_plan": _minutes,
    "conference-record.closed": _minutes,
    "fulfilment": lambda r, w, m, d: {"promise": _promise(r, d, ("open", "denied"))},
    "slip": _slip,
    "confirmation": _confirmation,
    "clearance": lambda r, w, m, d: {"promise": _promise(r, d, ("reported",))},
    "supervisions": lambda r, w, m, d: {"unit": r.choice([None, None, "A", "B", "C"])},
    "lead-succession": lambda r, w, m, d: {"heir": r.choice([*m.signers, *m.signers, "dave", None])},
    "withdrawal": lambda r, w, m, d: {"proxy": _often(r)},
    "withdrawal-consent": lambda r, w, m, d: {"agree": _often(r, 0.8)},
}
