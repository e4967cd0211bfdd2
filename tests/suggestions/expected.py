"""What each act does and when it is refused, act by act, in the model's words."""

import pickle
from collections.abc import Callable
from datetime import date

from tests.suggestions import oracle
from tests.suggestions.model import (
    CHAIR,
    CONGRESS,
    DELEGATES,
    ENDED,
    HEADS,
    INNER,
    JUDGED,
    OFFICE,
    OWED,
    RUNNING,
    UNIT_OF,
    UNSETTLED,
    Attempt,
    Doing,
    Duty,
    Extension,
    Matter,
    Promise,
    Refused,
    World,
    need,
)

Expect = Callable[[Doing], None]
EXPECTED: dict[str, Expect] = {}
SIGNED = ("review", "assignment", "elevation", "return-decision", "extension-decision", "rejection-decision")
AUTHORISED_AS = {"return-decision": "return", "extension-decision": "extension"}
AUTHORISED_AS |= {"rejection-decision": "rejection"}


def act(*names: str) -> Callable[[Expect], Expect]:
    def keep(expect: Expect) -> Expect:
        EXPECTED.update(dict.fromkeys(names, expect))
        return expect

    return keep


def copied(matter: Matter) -> Matter:
    """Ten times as fast as copy.deepcopy."""
    same: Matter = pickle.loads(pickle.dumps(matter))
    return same


def foresee(world: World, attempt: Attempt) -> Doing | None:
    """The attempt on a copy of its matter; None: refused."""
    doing = Doing(world, copied(world.matters[attempt.matter]), attempt)
    try:
        EXPECTED[attempt.act](doing)
    except Refused:
        return None
    return doing


def author(d: Doing) -> None:
    """The lead, or the office for him."""
    if d.who == d.matter.lead:
        d.by({d.who}, "delegate")
    else:
        d.by(OFFICE, "congress")


@act("edit")
def edit(d: Doing) -> None:
    need(d.matter.state == "draft" and d.matter.seen_by(d.who))
    need(d.who == d.matter.lead or d.who in OFFICE)
    for name, agreed in d.matter.signers.items():
        d.matter.signers[name] = None if agreed else agreed
    d.told.append(("suggestion", "draft", "edit", "allowed"))


@act("delete")
def delete(d: Doing) -> None:
    need(d.matter.state == "draft" and d.matter.received_on is None and d.matter.seen_by(d.who))
    need(d.who == d.matter.lead or d.who in OFFICE)
    d.matter.gone = True
    d.told.append(("suggestion", "draft", "delete", "allowed"))


@act("submission")
def submit(d: Doing) -> None:
    author(d)
    waiting = None in d.matter.signers.values()
    received(d, "submission", "cosigning" if waiting else "submitted")


def received(d: Doing, act: str, state: str) -> None:
    d.turn(act, state)
    if state == "submitted":
        d.matter.received_on = d.world.today


@act("cosignature")
def cosign(d: Doing) -> None:
    proxy = d.args.get("for")
    signer = str(proxy or d.who)
    d.by(OFFICE if proxy else DELEGATES, "congress" if proxy else "delegate")
    need(signer in d.matter.signers and d.matter.signers[signer] is None)
    d.stay("cosignature")
    d.matter.signers[signer] = bool(d.args["agree"])
    if None in d.matter.signers.values():
        d.told.append(("suggestion", "cosigning", "cosigning-done", "refused"))
    else:
        received(d, "cosigning-done", "submitted")


@act("cosigner-removal")
def remove(d: Doing) -> None:
    author(d)
    need(d.args["name"] in d.matter.signers)
    d.stay("cosigner-removal")
    del d.matter.signers[str(d.args["name"])]
    if d.matter.state == "cosigning" and None not in d.matter.signers.values():
        received(d, "cosigning-done", "submitted")


@act("seconding")
def second(d: Doing) -> None:
    d.by(DELEGATES - {d.matter.lead}, "delegate")
    if d.who not in d.matter.seconders:
        d.stay("seconding")
        d.matter.seconders.add(d.who)


@act("review.accept")
def accept(d: Doing) -> None:
    d.by(CONGRESS, "congress")
    d.turn("review.accept", "accepted", on=d.matter.received_on)


@act("unmerge")
def unmerge(d: Doing) -> None:
    d.by(CONGRESS, "congress")
    d.turn("unmerge", "submitted")
    d.matter.merged_into = None


# What the chair signs


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
    need(name not in d.matter.waiting)
    d.matter.waiting[name] = d.attempt


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
    prepared = d.matter.waiting.pop(str(d.args["name"]), None)
    need(prepared is not None)
    assert prepared is not None
    if d.args["agree"]:
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


def order(d: Doing) -> list[tuple[str, str]]:
    """(role, unit), leads first."""
    named = d.args["order"]
    assert isinstance(named, dict)
    return [(role, unit) for role in ("lead", "separate", "co") for unit in named.get(role, ())]


def check_order(d: Doing, wanted: list[tuple[str, str]] | None = None, besides: Duty | None = None) -> None:
    asked = order(d) if wanted is None else wanted
    units = [unit for _, unit in asked]
    known = [duty for duty in d.matter.standing if duty is not besides]
    need(units and len(units) == len(set(units)) and not {duty.unit for duty in known} & set(units))
    need(known or any(role != "co" for role, _ in asked))
    leads = [role for role, _ in asked].count("lead") + [duty.role for duty in known].count("lead")
    need(leads <= 1)


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


def charge(d: Doing, role: str, unit: str, *, on: date, complex: bool = False) -> None:
    duty = Duty(unit, role, complex, d.legal_on)
    d.matter.duties.append(duty)
    d.settle(duty, "assignment", on=on)
    for kind in oracle.AT_ASSIGNMENT[duty.level].split():
        d.open(duty.clocks, kind, on)


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


def grantable(d: Doing, duty: Duty, until: date) -> None:
    """Within the old date and the cap; a complex matter and a re-handled one have no extension."""
    clock = duty.main
    need(clock and clock.kind == "reply" and not duty.complex and not d.world.over(clock))
    assert clock
    amount, unit = oracle.LONGEST_REPLY
    longest = d.world.calendar.last_day(clock.start, amount, unit)
    need(clock.due < d.world.calendar.roll(until) <= longest)


def rehandle(d: Doing) -> None:
    need(d.duty.state == "rejected" and d.duty.rejections == 1)
    again(d, d.duty, "rejection-decision.rehandle")


def again(d: Doing, duty: Duty, act: str, *, plan: date | None = None) -> None:
    """Another round: what was promised is superseded."""
    for promise in duty.promises:
        if promise.state in UNSETTLED:
            promise.state = "superseded"
            d.close(promise.clocks, "commitment", act)
    duty.round, duty.talks, duty.reminded_on = duty.round + 1, [], None
    duty.judged_for = set()
    d.move(duty, act, "handling", plan=plan)


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


# The government's part


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


# What becomes of a reply


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


def home_of(world: World, matter: Matter) -> Matter:
    while matter.merged_into is not None:
        matter = world.matters[matter.merged_into]
    return matter


def judge(d: Doing, duty: Duty, act: str, *, satisfied: bool = True) -> None:
    promised = any(promise.state in UNSETTLED for promise in duty.promises)
    duty.rejections += not satisfied
    d.move(duty, act, ("committed" if promised else "settled") if satisfied else "rejected")


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


# Beside the path, and its ends


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
    need(d.matter.urges)
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
    d.matter.no_evaluator = heir is None
    if heir is not None:
        need(d.matter.signers.get(str(heir)))
        d.matter.lead = str(heir)
        del d.matter.signers[str(heir)]


@act("withdrawal")
def withdraw(d: Doing) -> None:
    author(d)
    need(d.who == d.matter.lead or d.args.get("proxy"))
    d.stay("withdrawal")
    d.matter.withdrawing, d.matter.talked, d.matter.consents = True, False, set()
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
    need(d.matter.withdrawing)
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
