"""What is expected of a reply: mark, conference, promises."""

from datetime import date

from tests.suggestions.expecting import Doing, act, again, home_of, judge
from tests.suggestions.model import CONGRESS, JUDGED, OFFICE, OWED, UNIT_OF, Promise, need


@act("contact-confirmation")
def confirm_contact(d: Doing) -> None:
    need(d.who == d.matter.lead and d.duty.talks)
    d.duty.talks[-1] = bool(d.args["happened"])


@act("evaluation")
def evaluate(d: Doing) -> None:
    side = "delegate" if d.who == d.matter.lead else "congress"
    need(side == "delegate" or d.args.get("proxy"))
    d.by({d.matter.lead} | OFFICE, side)
    need(d.args["satisfied"] or d.args.get("comment"))
    if d.matter.state == "merged":
        evaluate_elsewhere(d)
        return
    duty = d.duty
    need(duty.state == "replied")
    judge(d, duty, "evaluation", satisfied=bool(d.args["satisfied"]))


def evaluate_elsewhere(d: Doing) -> None:
    """A merged matter judges the reply it got elsewhere; no state moves. The mark is kept there."""
    home = home_of(d.world, d.matter)
    place = d.attempt.duty
    need(place is not None and place < len(home.duties))
    assert place is not None
    duty = home.duties[place]
    need(duty.role != "co" and duty.state in JUDGED and d.attempt.matter not in duty.judged_for)
    d.matter.steps += 1
    d.matter.sides[d.who] = d.side
    d.told.append(("mark", str(place)))


@act("conference-record.new_plan")
def plan_anew(d: Doing) -> None:
    d.by(CONGRESS, "congress")
    due_on = d.args.get("due_on")
    need(d.duty.state == "conference" and isinstance(due_on, date) and due_on > d.world.today)
    assert isinstance(due_on, date)
    again(d, d.duty, "conference-record.new_plan", plan=due_on)


@act("conference-record.closed")
def close_conference(d: Doing) -> None:
    d.by(CONGRESS, "congress")
    need(d.duty.state == "conference")
    judge(d, d.duty, "conference-record.closed")


def promise_of(d: Doing) -> Promise:
    place = d.args["promise"]
    assert isinstance(place, int)
    need(place < len(d.duty.promises))
    return d.duty.promises[place]


@act("fulfilment")
def fulfil(d: Doing) -> None:
    d.by(UNIT_OF, "government")
    duty, promise = d.own_duty(), promise_of(d)
    d.move(duty, "fulfilment", duty.state)
    need(promise.state in OWED)
    promise.state = "reported"
    d.close(promise.clocks, "commitment", "fulfilment")


@act("slip")
def slip(d: Doing) -> None:
    d.by(UNIT_OF, "government")
    duty, promise, day = d.own_duty(), promise_of(d), d.args["day"]
    assert isinstance(day, date)
    d.move(duty, "slip", duty.state)
    need(promise.state in OWED and day > max(promise.due_on, d.world.today))
    promise.due_on = day
    for clock in promise.clocks.values():
        clock.until = day
        clock.due = clock.count(d.world.calendar)


@act("confirmation")
def confirm(d: Doing) -> None:
    d.by({d.matter.lead}, "delegate")
    promise = promise_of(d)
    d.move(d.duty, "confirmation", d.duty.state)
    need(promise.state == "reported")
    promise.state = "kept" if d.args["kept"] else "denied"
    if not d.args["kept"]:
        d.open(promise.clocks, "commitment", d.world.today, own=promise.due_on)


@act("clearance")
def clear(d: Doing) -> None:
    d.by(CONGRESS, "congress")
    promise = promise_of(d)
    d.move(d.duty, "clearance", d.duty.state)
    need(promise.state == "reported")
    promise.state = "cleared"


@act("further-reply")
def reply_further(d: Doing) -> None:
    d.by(UNIT_OF, "government")
    duty = d.own_duty()
    d.move(duty, "further-reply", duty.state)
    duty.further = True
