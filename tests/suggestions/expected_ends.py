"""What is expected beside the path and at its ends; and of the sweep over silent delegates."""

from tests.suggestions import oracle
from tests.suggestions.expecting import Doing, act, again, author, judge
from tests.suggestions.model import CHAIR, CONGRESS, DELEGATES, OFFICE, UNIT_OF, UNSETTLED, Duty, need


@act("supervisions")
def supervise(d: Doing) -> None:
    d.by(CONGRESS, "congress")
    asked = d.args.get("unit")
    need(asked is None or any(duty.unit == asked for duty in d.matter.standing))
    d.stay("supervisions")
    d.matter.urges += 1


@act("feedback")
def feed_back(d: Doing) -> None:
    d.by(UNIT_OF, "government")
    need(d.matter.urges and any(duty.unit == UNIT_OF[d.who] for duty in d.matter.standing))
    d.stay("feedback")


@act("key-designation")
def designate(d: Doing) -> None:
    d.by(CHAIR, "congress")
    d.stay("key-designation")


@act("lead-succession")
def succeed(d: Doing) -> None:
    d.by(CONGRESS, "congress")
    d.stay("lead-succession")
    heir = d.args.get("heir")
    need(d.matter.signers.get(str(heir)))  # nobody here has left the seat: it takes an heir
    d.matter.lead = str(heir)
    del d.matter.signers[str(heir)]


@act("withdrawal")
def withdraw(d: Doing) -> None:
    author(d)
    need(d.who == d.matter.lead or d.args.get("proxy"))
    d.stay("withdrawal")
    d.matter.withdrawing, d.matter.talked, d.matter.consents = True, False, set()
    d.matter.asked_by = d.who
    done_if_agreed(d)


@act("withdrawal-consent")
def consent(d: Doing) -> None:
    d.by(DELEGATES, "delegate")
    need(d.matter.signers.get(d.who) and d.matter.withdrawing)
    d.stay("withdrawal-consent")
    (d.matter.consents.add if d.args["agree"] else d.matter.consents.discard)(d.who)
    done_if_agreed(d)


@act("withdrawal-talk")
def talk(d: Doing) -> None:
    d.by(CONGRESS, "congress")
    need(d.matter.withdrawing and d.matter.asked_by != d.who)
    d.stay("withdrawal-talk")
    d.matter.talked = True
    done_if_agreed(d)


def done_if_agreed(d: Doing) -> None:
    matter = d.matter
    signed = {name for name, agreed in matter.signers.items() if agreed}
    early = matter.state in ("cosigning", "submitted", "accepted")
    if not (signed <= matter.consents and (early or matter.talked)):
        d.told.append(("suggestion", matter.state, "withdrawal.done", "refused"))
        return
    for duty in matter.standing:
        d.end(duty, "withdrawal.done")
    d.turn("withdrawal.done", "withdrawn")


@act("closure")
def close(d: Doing) -> None:
    d.by(OFFICE, "congress")
    need(d.matter.state == "committed")
    committed = [duty for duty in d.matter.duties if duty.state == "committed"]
    promises = [promise for duty in committed for promise in duty.promises]
    need(not any(promise.state in UNSETTLED for promise in promises))
    need(all(duty.further for duty in committed if any(p.state != "superseded" for p in duty.promises)))
    d.told.append(("suggestion", "committed", "closure", "allowed"))
    for duty in committed:
        d.move(duty, "closure", "settled")


@act("reopening")
def reopen(d: Doing) -> None:
    d.by(OFFICE, "congress")
    need(d.matter.state == "closed")
    d.told.append(("suggestion", "closed", "reopening", "allowed"))
    for duty in d.matter.duties:
        if duty.role != "co" and duty.state == "settled":
            again(d, duty, "reopening")
    d.matter.published_by = None


@act("publication")
def prepare_publication(d: Doing) -> None:
    d.by(OFFICE, "congress")
    d.stay("publication")
    d.matter.published_by = d.who


@act("publication-approval")
def approve_publication(d: Doing) -> None:
    d.by(CONGRESS, "congress")
    need(d.matter.published_by not in (None, d.who))
    d.turn("publication-approval", "archived")


@act("lapse")
def lapse(d: Doing) -> None:
    """The sweep over one matter: first the reminders, then the silence noted."""
    for reminding in (True, False):
        for duty in d.matter.duties:
            window = duty.clocks.get("evaluation")
            if duty.state != "replied" or window is None or reminding is not (duty.reminded_on is None):
                continue
            silent_of(d, duty, run_out=d.world.over(window))


def silent_of(d: Doing, duty: Duty, *, run_out: bool) -> None:
    if duty.reminded_on is None and not d.matter.no_evaluator:
        if run_out:
            d.move(duty, "evaluation.reminder", "replied")
            duty.reminded_on = d.world.today
        else:
            d.told.append((duty.level, "replied", "evaluation.reminder", "refused"))
        return
    waited = duty.reminded_on is None or d.world.today > d.world.calendar.last_day(
        duty.reminded_on, oracle.AFTER_REMINDER, "working_days"
    )
    if run_out and waited:
        judge(d, duty, "evaluation.silent")
    else:
        d.told.append((duty.level, "replied", "evaluation.silent", "refused"))
