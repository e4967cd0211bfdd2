"""公文和表格: what each paper says. The names of the facts are those of the templates (docs/papers.md)."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlmodel import col, select

from app.deadlines import service as clocks
from app.deadlines.lines import Kind
from app.directory.models import Congress, Organisation
from app.kernel.clock import SHANGHAI, local_date
from app.reports.errors import PaperNotReady
from app.reports.figures import OUTCOMES
from app.reports.filing import contents
from app.reports.paper_kinds import PaperKind
from app.reports.paper_reading import Reading
from app.reports.queries import CATEGORIES
from app.reports.registers import FIRST_ANSWER, ROLES
from app.suggestions.oversight_models import Conference
from app.suggestions.shown import ReplyOut, RequestOut
from app.suggestions.states import Role
from app.suggestions.workflow import GONE

Facts = dict[str, Any]
HIDDEN_NAME = "（保密）"
HOW = {"meeting": "面商", "phone": "电话", "visit": "走访"}
PRESSED = {"urge": "催办", "meeting": "督办会", "inspection": "视察检查"}
DISCLOSED = {"full": "全文公开", "summary": "摘要公开", "on_request": "依申请公开", "no": "不公开"}
POSITIONS = {"agrees": "同意", "disagrees": "不同意", "absent": "未到会"}
RESULTS = {"new_plan": "制定新的办理方案", "closed": "终结办理"}


async def facts(reading: Reading, kind: PaperKind, *, today: date) -> Facts:
    """What the template of this kind may name: docs/papers.md. Raises PaperNotReady."""
    common = await _common(reading)
    return {**common, "dated": day(today), **await FACTS[kind](reading)}


async def _common(reading: Reading) -> Facts:
    item = reading.item
    congress = await reading.tx.get(Congress, item.congress_id)
    return {
        "number": item.number,
        "title": item.title,
        "category": CATEGORIES.get(item.category or "", item.category),
        "situation": item.situation,
        "proposal": item.proposal,
        "delegate": item.delegate_name or HIDDEN_NAME,
        "congress": congress.name if congress else "",
        "unit": reading.assignment.unit_name if reading.assignment else "",
        "doc_no": None,
        "rows": [],
    }


def day(on: date | datetime | None) -> str:
    """2026年11月25日, local; nothing for None."""
    if on is None:
        return ""
    local = local_date(on) if isinstance(on, datetime) else on
    return f"{local.year}年{local.month}月{local.day}日"


async def _registration(reading: Reading) -> Facts:
    item = reading.item
    unit = await reading.tx.get(Organisation, item.proposed_unit_id) if item.proposed_unit_id else None
    agrees = {True: "同意", False: "不同意", None: "未表示"}[item.delegate_agrees_public]
    return {
        "submitted_on": day(item.submitted_at),
        "raised_in": "会议期间" if item.raised_in == "session" else "闭会期间",
        "cosigners": "、".join(c.name for c in item.cosigners if c.agreed is not False),
        "seconders": "、".join(item.seconders),
        "proposed_unit": unit.name if unit else "",
        "agrees_public": agrees,
    }


async def _assignment_letter(reading: Reading) -> Facts:
    charged = reading.charged
    step = reading.newest_step("assignment")
    fellows = [a for a in reading.item.assignments if a.role is Role.CO and a.state not in GONE]
    return {
        "role": ROLES[charged.role],
        "fellows": "、".join(a.unit_name for a in fellows if a.id != charged.id),
        "due_on": day(await reading.due_on(FIRST_ANSWER)),
        "doc_no": step.doc_no if step else None,
        "dated": day(charged.assigned_on),
    }


def _asked(reading: Reading, what: str) -> RequestOut:
    of = [r for r in reading.item.requests if r.what == what]
    if not of:
        raise PaperNotReady
    return of[-1]


async def _decision(reading: Reading, what: str) -> Facts:
    """退办, 延期: what was asked and what was decided; blank while it is open."""
    asked = _asked(reading, what)
    unit = next((a.unit_name for a in reading.item.assignments if a.id == asked.assignment_id), "")
    decided = {True: "同意", False: "不同意", None: ""}[asked.agreed]
    return {
        "unit": unit,
        "asked_on": day(asked.asked_at),
        "reason": asked.reason,
        "until": day(asked.until),
        "decision": decided,
        "decision_reason": asked.decision_reason,
        "agreed_until": day(asked.agreed_until),
        "decided_on": day(asked.decided_at),
    }


async def _return_approval(reading: Reading) -> Facts:
    return await _decision(reading, "return")


async def _extension_approval(reading: Reading) -> Facts:
    return await _decision(reading, "extension")


async def _meeting_record(reading: Reading) -> Facts:
    talks = [c for c in reading.item.contacts if c.assignment_id == reading.charged.id]
    if not talks:
        raise PaperNotReady
    confirmed = {True: "已确认", False: "否认", None: "未表示"}
    rows = [
        {
            "how": HOW[talk.how],
            "at": talk.at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M"),
            "person": talk.unit_person,
            "note": talk.note,
            "confirmed": confirmed[talk.happened],
        }
        for talk in talks
    ]
    return {"rows": rows}


def _answer(reading: Reading) -> ReplyOut:
    """The newest reply of the assignment; its draft where the reader may see it."""
    found = [r for r in reading.item.replies if r.assignment_id == reading.charged.id]
    if not found:
        raise PaperNotReady
    return max(found, key=lambda reply: reply.round)


async def _reply_letter(reading: Reading) -> Facts:
    reply = _answer(reading)
    letter = (await clocks.pack(reading.tx)).policies.letter(reply.outcome)
    promises = [{"content": c.content, "due_on": day(c.due_on), "owner": c.owner} for c in reply.commitments]
    return {
        "letter": letter,
        "content": reply.content,
        "outcome": OUTCOMES[reply.outcome],
        "disclosure": DISCLOSED[reply.disclosure],
        "doc_no": reply.doc_no,
        "signer": reply.signer,
        "dated": day(reply.legal_on),
        "rows": promises,
    }


async def _opinion_form(reading: Reading) -> Facts:
    """Always blank: marks are the delegate's own."""
    reply = _answer(reading)
    return {"doc_no": reply.doc_no, "dated": day(reply.legal_on)}


async def _rehandling_notice(reading: Reading) -> Facts:
    charged = reading.charged
    if charged.round < 2:
        raise PaperNotReady
    step = reading.newest_step("rejection-decision.rehandle")
    step = step or reading.newest_step("conference-record.new_plan")
    return {
        "round": charged.round,
        "reason": charged.rehandling_reason,
        "due_on": day(await reading.due_on([Kind.REHANDLING_REPLY])),
        "doc_no": step.doc_no if step else None,
        "dated": day(step.legal_on) if step else "",
    }


async def _supervision_letter(reading: Reading) -> Facts:
    if not reading.item.supervisions:
        raise PaperNotReady
    pressed = reading.item.supervisions[-1]
    names = {a.unit_id: a.unit_name for a in reading.item.assignments}
    rows = [
        {
            "unit": names.get(demand.unit_id, ""),
            "content": demand.content,
            "due_on": day(demand.due_on),
            "feedback": demand.feedback,
        }
        for demand in pressed.demands
    ]
    return {
        "kind": PRESSED[pressed.kind],
        "held_on": day(pressed.held_on or pressed.at),
        "note": pressed.note,
        "rows": rows,
        "dated": day(pressed.at),
    }


async def _conference_minutes(reading: Reading) -> Facts:
    ids = [a.id for a in reading.item.assignments]
    query = select(Conference).where(col(Conference.assignment_id).in_(ids))
    held = (await reading.tx.exec(query.order_by(col(Conference.id).desc()))).first()
    if held is None:
        raise PaperNotReady
    return {
        "held_on": day(held.held_on),
        "participants": "、".join(held.participants),
        "position": POSITIONS[held.delegate_position],
        "result": RESULTS[held.result],
        "due_on": day(held.due_on),
    }


async def _file_contents(reading: Reading) -> Facts:
    rows = [{**row, "dated": day(row["dated"])} for row in await contents(reading.tx, reading.row)]
    return {"archived_on": day(reading.row.archived_at), "rows": rows}


FACTS: Mapping[PaperKind, Any] = {
    PaperKind.REGISTRATION: _registration,
    PaperKind.ASSIGNMENT_LETTER: _assignment_letter,
    PaperKind.RETURN_APPROVAL: _return_approval,
    PaperKind.EXTENSION_APPROVAL: _extension_approval,
    PaperKind.MEETING_RECORD: _meeting_record,
    PaperKind.REPLY_LETTER: _reply_letter,
    PaperKind.OPINION_FORM: _opinion_form,
    PaperKind.REHANDLING_NOTICE: _rehandling_notice,
    PaperKind.SUPERVISION_LETTER: _supervision_letter,
    PaperKind.CONFERENCE_MINUTES: _conference_minutes,
    PaperKind.FILE_CONTENTS: _file_contents,
}
