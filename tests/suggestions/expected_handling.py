"""What is expected of the government's part, up to the reply."""

from datetime import date

from tests.suggestions.expecting import Doing, act, charge, check_order, grantable, order
from tests.suggestions.model import HEADS, INNER, UNIT_OF, Extension, Promise, need


@act("dispatch")
def dispatch(d: Doing) -> None:
    d.by({"gina"}, "government")
    answering = [duty for duty in d.matter.standing if duty.role != "co"]
    need(answering)
    duty = next((duty for duty in answering if duty.state == "pending"), answering[0])
    wanted = order(d)
    need(wanted and wanted[0][0] == "lead" and wanted[0][1] != INNER)
    check_order(d, [("separate", unit) if role == "lead" else (role, unit) for role, unit in wanted], duty)
    d.move(duty, "dispatch", "pending")
    duty.unit = wanted[0][1]
    for role, unit in wanted[1:]:
        charge(d, role, unit, on=duty.assigned_on)


@act("acceptance")
def take_up(d: Doing) -> None:
    d.by(UNIT_OF, "government")
    duty = d.own_duty()
    d.move(duty, "acceptance", "accepted" if duty.role == "co" else "handling")


@act("return-request")
def request_return(d: Doing) -> None:
    d.by(UNIT_OF, "government")
    duty = d.own_duty()
    window = duty.clocks.get("return_window")
    need(window and not d.world.over(window) and not duty.return_asked)
    d.move(duty, "return-request", "return_requested")
    duty.return_asked = True


@act("extension-request")
def request_extension(d: Doing) -> None:
    d.by(UNIT_OF, "government")
    duty, until = d.own_duty(), d.args["until"]
    assert isinstance(until, date)
    d.move(duty, "extension-request", duty.state)
    need(duty.asked is None)
    grantable(d, duty, until)
    duty.asked = Extension(until)
    d.open(duty.asked.clocks, "extension_decision", d.world.today)


@act("contacts")
def contact(d: Doing) -> None:
    d.by(UNIT_OF, "government")
    duty = d.own_duty()
    d.move(duty, "contacts", duty.state)
    duty.talks.append(None)
    d.close(duty.clocks, "first_contact", "contacts")


@act("co-opinion")
def give_opinion(d: Doing) -> None:
    d.by(UNIT_OF, "government")
    d.move(d.own_duty(), "co-opinion", "opinion_given")


@act("co-opinion-decision.accept", "co-opinion-decision.redo")
def decide_opinion(d: Doing) -> None:
    d.by(UNIT_OF, "government")
    need(any(duty.role == "lead" and duty.unit == UNIT_OF[d.who] for duty in d.matter.standing))
    duty, redo = d.duty, d.attempt.act.endswith("redo")
    need(duty.role == "co" and not (redo and duty.round > 1))
    duty.round += redo
    d.move(duty, d.attempt.act, "accepted" if redo else "opinion_given")


@act("reply-draft")
def draft(d: Doing) -> None:
    d.by(UNIT_OF, "government")
    duty, promised = d.own_duty(), d.args["promises"]
    assert isinstance(promised, list)
    need(promised or not d.args["planned"])
    need(all(day >= d.world.today for day in promised))
    d.move(duty, "reply-draft", "reply_drafted")
    duty.draft = promised


@act("reply-return")
def return_draft(d: Doing) -> None:
    d.by(HEADS, "government")
    d.move(d.own_duty(), "reply-return", "handling")


@act("reply")
def issue(d: Doing) -> None:
    d.by(HEADS, "government")
    duty = d.own_duty()
    need(any(happened is not False for happened in duty.talks))
    need(all(day >= d.world.today for day in duty.draft))
    d.move(duty, "reply", "replied")
    for day in duty.draft:
        promise = Promise(day)
        d.open(promise.clocks, "commitment", d.legal_on, own=day)
        duty.promises.append(promise)
    duty.draft = []
    d.lapse_extension(duty, "reply")
