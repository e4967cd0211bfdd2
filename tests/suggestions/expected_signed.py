"""What is expected of the acts that the chair signs."""

from datetime import date

from tests.suggestions import oracle
from tests.suggestions.expecting import (
    AUTHORISED_AS,
    Doing,
    Expect,
    act,
    again,
    charge,
    check_order,
    grantable,
    judge,
    order,
)
from tests.suggestions.model import CHAIR, CONGRESS, ENDED, INNER, RUNNING, Attempt, need


@act(
    "review.send_back",
    "review.transfer",
    "review.merge",
    "assignment",
    "assignment.added",
    "elevation",
    "return-decision.agree",
    "return-decision.refuse",
    "extension-decision",
    "rejection-decision.rehandle",
    "rejection-decision.stand",
    "rejection-decision.conference",
)
def sign(d: Doing) -> None:
    """The chair, or the office on a standing authorisation; else it waits for the chair."""
    d.by(CONGRESS, "congress")
    name = d.attempt.act.partition(".")[0]
    if d.who in CHAIR or AUTHORISED_AS.get(name, name) in d.world.authorised:
        perform(d, d.attempt)
        return
    hopeful(d, name)
    _, prepared_for = d.matter.waiting.get(name, (None, None))
    need(prepared_for != d.matter.situation)  # prepared for an earlier situation, it is replaced
    d.matter.waiting[name] = (d.attempt, d.matter.situation)


def hopeful(d: Doing, name: str) -> None:
    """What the present state forbids does not wait."""
    if name in ("review", "elevation"):
        need(oracle.has("suggestion", d.matter.state, d.attempt.act))
    elif name == "assignment":
        check_order(d)
        need(d.matter.state == "accepted" or d.matter.state in RUNNING)
    elif name == "extension-decision":
        need(d.duty.asked)
    else:
        wanted = {"return-decision": "return_requested", "rejection-decision": "rejected"}
        need(d.duty.state == wanted[name])


@act("approval")
def approve(d: Doing) -> None:
    """The chair's word on a prepared act."""
    d.by(CHAIR, "congress")
    need(d.args["name"] in d.matter.waiting)
    prepared, situation = d.matter.waiting.pop(str(d.args["name"]))
    if d.args["agree"]:
        need(situation == d.matter.situation)
        chair = d.attempt
        d.attempt = Attempt(prepared.act, d.who, prepared.matter, prepared.duty, prepared.args)
        perform(d, d.attempt)
        d.attempt = chair


def perform(d: Doing, attempt: Attempt) -> None:
    PERFORM[attempt.act](d)


def send_back(d: Doing) -> None:
    need(d.args.get("reason"))
    d.turn("review.send_back", "draft")


def transfer(d: Doing) -> None:
    need(d.args.get("reason"))
    d.turn("review.transfer", "transferred")


def merge(d: Doing) -> None:
    into = d.args["into"]
    assert isinstance(into, int)
    target = d.world.matters[into]
    need(into != d.attempt.matter and not target.gone and target.state not in ENDED | {"draft"})
    d.turn("review.merge", "merged")
    d.matter.merged_into = into


def assign(d: Doing) -> None:
    """The clocks run from the legal date."""
    check_order(d)
    asked = order(d)
    need(not any(unit == INNER and role != "co" for role, unit in asked))
    running = d.matter.state in RUNNING
    if running:
        d.stay("assignment.added")
    else:
        d.turn("assignment", "assigned")
    for role, unit in asked:
        charge(d, role, unit, on=d.legal_on, complex=bool(d.args.get("complex")))
    if running:
        d.mirror("assignment.added")


def elevate(d: Doing) -> None:
    d.stay("elevation")


def agree_return(d: Doing) -> None:
    duty = d.duty
    need(duty.state == "return_requested")
    d.move(duty, "return-decision.agree", "returned")
    d.lapse_extension(duty, "return-decision.agree")
    if d.matter.state == "accepted":
        for other in d.matter.standing:
            d.end(other, "return-decision.agree")


def refuse_return(d: Doing) -> None:
    need(d.duty.state == "return_requested")
    d.move(d.duty, "return-decision.refuse", "pending")


def decide_extension(d: Doing) -> None:
    duty = d.duty
    need(duty.asked)
    assert duty.asked
    d.move(duty, "extension-decision", duty.state)
    if d.args["agree"]:
        until = d.args.get("until") or duty.asked.until
        assert isinstance(until, date)
        grantable(d, duty, until)
        assert duty.main
        duty.main.until = until
        duty.main.due = duty.main.count(d.world.calendar)
    d.close(duty.asked.clocks, "extension_decision", "extension-decision")
    duty.asked = None


def rehandle(d: Doing) -> None:
    need(d.duty.state == "rejected" and d.duty.rejections == 1)
    again(d, d.duty, "rejection-decision.rehandle")


def stand(d: Doing) -> None:
    need(d.duty.state == "rejected" and d.args.get("consent"))
    judge(d, d.duty, "rejection-decision.stand")


def confer(d: Doing) -> None:
    need(d.duty.state == "rejected")
    d.move(d.duty, "rejection-decision.conference", "conference")


PERFORM: dict[str, Expect] = {
    "review.send_back": send_back,
    "review.transfer": transfer,
    "review.merge": merge,
    "assignment": assign,
    "assignment.added": assign,
    "elevation": elevate,
    "return-decision.agree": agree_return,
    "return-decision.refuse": refuse_return,
    "extension-decision": decide_extension,
    "rejection-decision.rehandle": rehandle,
    "rejection-decision.stand": stand,
    "rejection-decision.conference": confer,
}
