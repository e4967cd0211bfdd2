"""How each attempt of the model is written as a request: path, body, and the ids that it names."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tests.conftest import MovableClock
from tests.suggestions.cast import Cast
from tests.suggestions.desk import DRAFT
from tests.suggestions.file import File
from tests.suggestions.model import Attempt

Words = dict[str, Any]
TEMPLATE = "/suggestions/{id}"
NOBODY = UUID(int=7)


@dataclass(frozen=True)
class Asked:
    """`path` below the suggestion, as its route is written, with what fills its holes."""

    path: str
    body: Words | None = None
    holes: Mapping[str, UUID] | None = None
    method: str = "POST"

    def url(self, id: UUID) -> str:
        filled = {name: str(value) for name, value in (self.holes or {}).items()}
        return f"/api/v1{TEMPLATE}{self.path}".format(id=id, **filled)


@dataclass
class Writing:
    cast: Cast
    attempt: Attempt
    file: File
    ids: list[UUID]
    clock: MovableClock
    scan: UUID = NOBODY  # of the delegate's signed consent

    def __getitem__(self, name: str) -> Any:
        return self.attempt.args.get(name)

    @property
    def duty(self) -> Words:
        return {"assignment_id": self.file.duty_id(self.attempt.duty) or NOBODY}

    @property
    def promise(self) -> Mapping[str, UUID]:
        mine = [row.id for row in self.file.promises if row.of == self.file.duty_id(self.attempt.duty)]
        place = self["promise"]
        return {"cid": mine[place] if place < len(mine) else NOBODY}

    @property
    def reply(self) -> UUID:
        duty = self.file.duty_id(self.attempt.duty)
        return next((row.id for row in reversed(self.file.replies) if row.of == duty), NOBODY)

    def units(self) -> Words:
        names = {"lead": "lead_unit_id", "separate": "separate_unit_ids", "co": "co_unit_ids"}
        order: Words = {
            names[role]: [self.cast.units[u] for u in units] for role, units in self["order"].items()
        }
        if "lead_unit_id" in order:
            order["lead_unit_id"] = order["lead_unit_id"][0]
        return order

    def proxy(self) -> Words:
        return {"proxy": {"basis": "in_person"}} if self["proxy"] or self["for"] else {}

    def legal(self) -> Words:
        return {"legal_date": self["legal_date"]} if self["legal_date"] else {}


Written = Callable[[Writing], Asked]
WHY = "按规定办理"


def _review(decision: str) -> Written:
    def written(w: Writing) -> Asked:
        body = {"decision": decision, **w.legal()}
        if w["reason"] and decision == "send_back":
            body["reason_code"] = "several_matters"
        elif w["reason"]:
            body |= {"reason": WHY, "to": "县人大"}
        if decision == "merge":
            body["into_id"] = w.ids[w["into"]]
        return Asked("/review", body)

    return written


def _decision(path: str, **body: Any) -> Written:
    return lambda w: Asked(path, {**body, "reason": WHY, **w.duty, **w.legal()})


def _draft(w: Writing) -> Asked:
    promises = [{"content": "如期完工", "due_on": day, "owner": "张工"} for day in w["promises"]]
    outcome = "planned" if w["planned"] else "solved"
    body = {"content": "一、已办。", "outcome": outcome, "disclosure": "full", "commitments": promises}
    return Asked("/reply-draft", body | w.duty)


def _evaluation(w: Writing) -> Asked:
    body: Words = {"overall": "satisfied" if w["satisfied"] else "unsatisfied", **w.proxy()}
    if w["comment"]:
        body["comment"] = "没有动工"
    return Asked("/evaluation", body | {"reply_id": w.reply})


def _contact_confirmation(w: Writing) -> Asked:
    duty = w.file.duty_id(w.attempt.duty)
    contact = next((row.id for row in reversed(w.file.contacts) if row.of == duty), NOBODY)
    return Asked("/contacts/{cid}/confirmation", {"happened": w["happened"]}, {"cid": contact})


def _stand(w: Writing) -> Asked:
    body: Words = {"decision": "stand", "reason": WHY, **w.duty, **w.legal()}
    return Asked("/rejection-decision", body | ({"upload_id": w.scan} if w["consent"] else {}))


def _minutes(result: str) -> Written:
    def written(w: Writing) -> Asked:
        due = {"due_on": w["due_on"]} if w["due_on"] else {}
        minutes = {"held_on": w["held_on"], "participants": ["甲", "乙"], "delegate_position": "agrees"}
        return Asked("/conference-record", {**minutes, "result": result, **due, **w.duty})

    return written


def _supervision(w: Writing) -> Asked:
    demands = [{"content": "报进度", "unit_id": w.cast.units[w["unit"]]}] if w["unit"] else []
    return Asked("/supervisions", {"kind": "urge", "note": "请抓紧", "demands": demands})


def _cosign(w: Writing) -> Asked:
    behalf = {"on_behalf_of": w.cast.county.seats[w["for"]], **w.proxy()} if w["for"] else {}
    return Asked("/cosignature", {"agree": w["agree"], **behalf})


WRITTEN: dict[str, Written] = {
    "edit": lambda w: Asked("", {**DRAFT, "confidential": w["confidential"]}, method="PUT"),
    "delete": lambda w: Asked("", method="DELETE"),
    "submission": lambda w: Asked("/submission"),
    "cosignature": _cosign,
    "cosigner-removal": lambda w: Asked(
        "/cosigners/{did}/removal", holes={"did": w.cast.county.seats[w["name"]]}
    ),
    "seconding": lambda w: Asked("/seconding"),
    "review.accept": _review("accept"),
    "review.send_back": _review("send_back"),
    "review.transfer": _review("transfer"),
    "review.merge": _review("merge"),
    "unmerge": lambda w: Asked("/unmerge", {"reason": WHY}),
    "elevation": lambda w: Asked("/elevation", {"to": "county_delegate", "reason": WHY}),
    "assignment": lambda w: Asked("/assignment", w.units() | w.legal() | {"complex": bool(w["complex"])}),
    "return-decision.agree": _decision("/return-decision", agree=True),
    "return-decision.refuse": _decision("/return-decision", agree=False),
    "extension-decision": lambda w: Asked(
        "/extension-decision", {"agree": w["agree"], "until": w["until"], "reason": WHY, **w.duty}
    ),
    "rejection-decision.rehandle": _decision("/rejection-decision", decision="rehandle"),
    "rejection-decision.conference": _decision("/rejection-decision", decision="conference"),
    "rejection-decision.stand": _stand,
    "approval": lambda w: Asked(
        "/approvals/{aid}",
        {"agree": w["agree"], "reason": WHY},
        {"aid": w.file.approvals.get(w["name"], NOBODY)},
    ),
    "dispatch": lambda w: Asked("/dispatch", w.units()),
    "acceptance": lambda w: Asked("/acceptance", w.duty),
    "return-request": lambda w: Asked("/return-request", {"reason": WHY, **w.duty}),
    "extension-request": lambda w: Asked(
        "/extension-request", {"until": w["until"], "reason": WHY, **w.duty}
    ),
    "contacts": lambda w: Asked(
        "/contacts", {"how": "phone", "at": w.clock.now.isoformat(), "note": "已沟通", **w.duty}
    ),
    "contact-confirmation": _contact_confirmation,
    "co-opinion": lambda w: Asked("/co-opinion", {"content": "可行", **w.duty}),
    "co-opinion-decision.accept": lambda w: Asked("/co-opinion-decision", {"accept": True, **w.duty}),
    "co-opinion-decision.redo": lambda w: Asked(
        "/co-opinion-decision", {"accept": False, "reason": WHY, **w.duty}
    ),
    "reply-draft": _draft,
    "reply-return": lambda w: Asked("/reply-return", {"reason": WHY, **w.duty}),
    "reply": lambda w: Asked("/reply", w.duty | w.legal()),
    "evaluation": _evaluation,
    "conference-record.new_plan": _minutes("new_plan"),
    "conference-record.closed": _minutes("closed"),
    "fulfilment": lambda w: Asked("/commitments/{cid}/fulfilment", {"evidence": "照片"}, w.promise),
    "slip": lambda w: Asked("/commitments/{cid}/slip", {"new_due_on": w["day"], "reason": "雨季"}, w.promise),
    "confirmation": lambda w: Asked(
        "/commitments/{cid}/confirmation", {"kept": w["kept"], "seen_how": "site"}, w.promise
    ),
    "clearance": lambda w: Asked("/commitments/{cid}/clearance", {"how": "现场核实"}, w.promise),
    "further-reply": lambda w: Asked("/further-reply", {"content": "已修完", "outcome": "solved", **w.duty}),
    "supervisions": _supervision,
    "feedback": lambda w: Asked(
        "/supervisions/{sid}/feedback",
        {"content": "已完成一半"},
        {"sid": w.file.urges[0] if w.file.urges else NOBODY},
    ),
    "key-designation": lambda w: Asked("/key-designation", {"decided_by": "主席团会议"}),
    "lead-succession": lambda w: Asked(
        "/lead-succession",
        {"to_delegate_id": w.cast.county.seats[w["heir"]] if w["heir"] else None, "reason": "辞职"},
    ),
    "withdrawal": lambda w: Asked("/withdrawal", {"reason": "已经解决", **w.proxy()}),
    "withdrawal-consent": lambda w: Asked("/withdrawal-consent", {"agree": w["agree"]}),
    "withdrawal-talk": lambda w: Asked("/withdrawal-talk", {"note": "自愿", "asked_by_other": False}),
    "closure": lambda w: Asked("/closure"),
    "reopening": lambda w: Asked("/reopening", {"reason": "又塌了"}),
    "publication": lambda w: Asked("/publication", {"public": True}),
    "publication-approval": lambda w: Asked("/publication-approval"),
}
WRITTEN["assignment.added"] = WRITTEN["assignment"]
