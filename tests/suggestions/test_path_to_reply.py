"""From draft to reply: co-signing, review, assignment, return, extension, co-units, by HTTP."""

from uuid import uuid4

import pytest

from app.infra.db import Database
from app.infra.tenants import Tenant
from tests.conftest import MovableClock
from tests.people import post
from tests.suggestions.conftest import seat_delegate
from tests.suggestions.desk import REPLY, TALK, Desk


async def test_cosigners_confirm_before_the_office_sees_it(
    desk: Desk, database: Database, tenant: Tenant
) -> None:
    erin = await seat_delegate(database, tenant, desk.county, "erin", "13800000003")
    await desk.drafted(cosigner_ids=[str(erin)])
    assert (await desk.done("alice", "submission"))["state"] == "cosigning"
    assert await desk.refused("carol", "review", {"decision": "accept"}) == "step-not-allowed"
    assert await desk.refused("dave", "cosignature", {"agree": True}) == "suggestion-unknown"
    confirmed = await desk.done("erin", "cosignature", {"agree": True})
    assert confirmed["state"] == "submitted"
    assert [c["agreed"] for c in confirmed["cosigners"]] == [True]
    assert await desk.refused("erin", "cosignature", {"agree": False}) == "not-cosigner"


async def test_a_cosigner_of_another_congress_is_refused(desk: Desk) -> None:
    dave = str(desk.county.seats["dave"])
    answer = await post(
        desk.client,
        "/api/v1/suggestions",
        desk.county["alice"],
        {"title": "修渠", "situation": "渠坏了", "proposal": "修", "cosigner_ids": [dave]},
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "cosigner-elsewhere")


async def test_the_lead_may_take_off_a_cosigner_who_does_not_answer(
    desk: Desk, database: Database, tenant: Tenant
) -> None:
    erin = await seat_delegate(database, tenant, desk.county, "erin", "13800000003")
    await desk.drafted(cosigner_ids=[str(erin)])
    await desk.done("alice", "submission")
    assert (await desk.done("alice", f"cosigners/{erin}/removal"))["state"] == "submitted"


async def test_seconders_only_support(desk: Desk, database: Database, tenant: Tenant) -> None:
    await seat_delegate(database, tenant, desk.county, "erin", "13800000003")
    await desk.submitted()
    assert (await desk.done("erin", "seconding"))["seconders"] == ["erin"]
    assert (await desk.done("erin", "seconding"))["seconders"] == ["erin"]
    assert await desk.refused("alice", "seconding") == "delegate-elsewhere"


async def test_nobody_else_reads_a_delegates_draft(desk: Desk) -> None:
    await desk.drafted()
    for who in ("carol", "chen", "bob", "lena", "gina", "dave"):
        assert (await desk.act(who, "submission")).status_code in (403, 404), who
        answer = await desk.client.get(desk.at, headers=desk.county[who].headers)
        assert answer.status_code == 404, who


async def test_what_the_chair_must_sign_waits_word_for_word(desk: Desk) -> None:
    await desk.accepted()
    order = {"lead_unit_id": str(desk.county.unit_id), "complex": True}
    waiting = await desk.done("carol", "assignment", order)
    assert waiting["state"] == "accepted"
    [approval] = waiting["approvals"]
    assert (approval["state"], approval["act"]) == ("pending", "assignment")
    assert await desk.refused("carol", "assignment", order) == "approval-waiting"
    assert (await desk.act("carol", f"approvals/{approval['id']}", {"agree": True})).status_code == 403

    signed = await desk.done("chen", f"approvals/{approval['id']}", {"agree": True})
    assert signed["state"] == "assigned"
    assert signed["assignments"][0]["complex"] is True
    assert signed["approvals"][0]["decided_name"] == "chen"
    again = await desk.refused("chen", f"approvals/{approval['id']}", {"agree": True})
    assert again == "approval-decided"


async def test_a_refused_approval_changes_nothing(desk: Desk) -> None:
    await desk.accepted()
    order = {"lead_unit_id": str(desk.county.unit_id)}
    [approval] = (await desk.done("carol", "assignment", order))["approvals"]
    refusal = {"agree": False, "reason": "应交交通局"}
    after = await desk.done("chen", f"approvals/{approval['id']}", refusal)
    assert (after["state"], after["assignments"]) == ("accepted", [])
    assert after["approvals"][0]["state"] == "refused"


async def test_a_hopeless_act_does_not_wait_for_the_chair(desk: Desk) -> None:
    await desk.accepted()
    decision = {"agree": True, "reason": "同意"}
    assert await desk.refused("carol", "return-decision", decision) == "step-not-allowed"


async def test_a_standing_authorisation_lets_the_office_act_alone(desk: Desk) -> None:
    body = {
        "congress_id": str(desk.county.congress_id),
        "act": "assignment",
        "valid_from": "2026-01-01",
        "valid_until": "2027-12-31",
        "minutes_no": "主席团会议纪要〔2026〕1号",
    }
    granted = await post(desk.client, "/api/v1/standing-authorisations", desk.county["chen"], body)
    assert granted.status_code == 201, granted.text
    await desk.accepted()
    done = await desk.done("carol", "assignment", {"lead_unit_id": str(desk.county.unit_id)})
    assert done["state"] == "assigned"
    assert done["approvals"][0]["basis"] == "standing_delegation"
    beyond = {"decision": "send_back", "reason": "题目不清", "reason_code": "no_content"}
    assert (await desk.act("carol", "review", beyond)).status_code == 409


async def test_the_chair_signs_a_list_in_one_click(desk: Desk) -> None:
    ids = []
    for _ in range(2):
        await desk.accepted()
        order = {"lead_unit_id": str(desk.county.unit_id)}
        ids.append((await desk.done("carol", "assignment", order))["approvals"][0]["id"])
    chen = desk.county["chen"]
    answer = await post(desk.client, "/api/v1/approvals/batch", chen, {"ids": ids, "agree": True})
    assert [a["state"] for a in answer.json()["items"]] == ["agreed", "agreed"]
    assert await desk.state() == "assigned"
    left = await desk.client.get("/api/v1/approvals", headers=chen.headers)
    assert left.json()["items"] == []


async def test_review_sends_back_with_a_reason_and_the_delegate_mends_it(desk: Desk) -> None:
    await desk.submitted()
    assert await desk.refused("chen", "review", {"decision": "send_back"}) == "reason-code-missing"
    back = {"decision": "send_back", "reason_code": "several_matters", "reason": "请一事一议"}
    assert (await desk.done("chen", "review", back))["state"] == "draft"
    assert (await desk.done("alice", "submission"))["state"] == "submitted"


async def test_transfer_needs_place_and_reason(desk: Desk) -> None:
    await desk.submitted()
    assert await desk.refused("chen", "review", {"decision": "transfer", "to": "信访局"}) == "reason-missing"
    moved = {"decision": "transfer", "to": "信访局", "reason": "属信访事项", "reference": "信2026-9"}
    after = await desk.done("chen", "review", moved)
    assert (after["state"], after["transferred_to"], after["reference"]) == (
        "transferred",
        "信访局",
        "信2026-9",
    )


async def test_merged_suggestions_are_answered_together_and_evaluated_alone(desk: Desk) -> None:
    target = Desk(desk.client, desk.county)
    await target.handling()
    await desk.submitted()
    into = target.at.rpartition("/")[2]
    assert await desk.refused("chen", "review", {"decision": "merge", "into_id": str(uuid4())}) == (
        "merge-target-wrong"
    )
    merged = await desk.done("chen", "review", {"decision": "merge", "into_id": into})
    assert (merged["state"], merged["merged_into_id"]) == ("merged", into)
    await target.answered()
    mine = {"overall": "unsatisfied", "comment": "没有答到我提的东渠"}
    assert (await desk.done("alice", "evaluation", mine))["state"] == "merged"
    assert await target.state() == "replied"
    after = await desk.done("carol", "unmerge", {"reason": "分开办理"})
    assert (after["state"], after["merged_into_id"]) == ("submitted", None)


async def test_elevation_keeps_the_item_and_is_told(desk: Desk) -> None:
    await desk.accepted()
    up = {"to": "county_standing_committee", "reason": "属县级职权"}
    assert (await desk.done("chen", "elevation", up))["state"] == "accepted"
    acts = [s["act"] for s in (await desk.seen("alice", "/steps"))["items"]]
    assert acts[-1] == "elevation"


async def test_separate_units_each_answer_and_are_each_evaluated(desk: Desk) -> None:
    county = desk.county
    await desk.accepted()
    units = {"separate_unit_ids": [str(county.unit_id), str(county.other_unit_id)]}
    assigned = await desk.done("chen", "assignment", units)
    assert [a["role"] for a in assigned["assignments"]] == ["separate", "separate"]
    await desk.done("bob", "acceptance")
    assert await desk.state() == "assigned"  # the other has not signed for it
    await desk.answered()
    await desk.done("bruno", "acceptance")
    assert await desk.state() == "handling"
    judged = await desk.done("alice", "evaluation", {"overall": "satisfied"})
    assert judged["state"] == "handling"
    assert await desk.refused("alice", "evaluation", {"overall": "satisfied"}) == "step-not-allowed"


async def test_a_unit_is_named_once_and_somebody_leads(desk: Desk) -> None:
    await desk.accepted()
    unit = str(desk.county.unit_id)
    twice = {"lead_unit_id": unit, "co_unit_ids": [unit]}
    assert await desk.refused("chen", "assignment", twice) == "duplicate-unit"
    assert await desk.refused("chen", "assignment", {"co_unit_ids": [unit]}) == "lead-missing"


async def test_a_co_unit_answers_the_lead_on_its_own_clock(desk: Desk) -> None:
    county = desk.county
    await desk.accepted()
    order = {"lead_unit_id": str(county.unit_id), "co_unit_ids": [str(county.other_unit_id)]}
    await desk.done("chen", "assignment", order)
    await desk.done("bob", "acceptance")
    assert set(await desk.clocks("bruno")) == {"acceptance", "return_window", "co_opinion"}
    assert (await desk.done("bruno", "acceptance"))["assignments"][0]["state"] == "accepted"
    await desk.done("bruno", "co-opinion", {"content": "路权在我局，可配合施工"})
    co = next(a for a in (await desk.seen("bob"))["assignments"] if a["role"] == "co")
    redo = {"assignment_id": co["id"], "accept": False, "reason": "请写明工期"}
    assert await desk.refused("bruno", "co-opinion-decision", redo) == "not-lead-unit"
    again = await desk.done("bob", "co-opinion-decision", redo)
    assert next(a for a in again["assignments"] if a["role"] == "co")["state"] == "accepted"
    await desk.done("bruno", "co-opinion", {"content": "工期两个月"})
    assert await desk.refused("bob", "co-opinion-decision", redo) == "redo-once"
    taken = await desk.done("bob", "co-opinion-decision", {"assignment_id": co["id"], "accept": True})
    assert [o["accepted"] for o in taken["co_opinions"]] == [False, True]
    assert set(await desk.clocks("bruno")) == set()


async def test_a_returned_matter_waits_to_be_assigned_anew(desk: Desk) -> None:
    await desk.assigned()
    asked = await desk.done("bob", "return-request", {"reason": "不属我局职责"})
    assert asked["state"] == "return_requested"
    assert {"return_decision", "reply"} <= set(await desk.clocks())
    decided = await desk.done("chen", "return-decision", {"agree": True, "reason": "同意"})
    assert decided["state"] == "accepted"
    assert set(await desk.clocks()) == {"assignment"}
    assert (await desk.client.get(desk.at, headers=desk.county["bob"].headers)).status_code == 404
    other = await desk.done("chen", "assignment", {"lead_unit_id": str(desk.county.other_unit_id)})
    assert [a["state"] for a in other["assignments"]] == ["returned", "pending"]


async def test_a_return_is_asked_once(desk: Desk) -> None:
    await desk.assigned()
    await desk.done("bob", "return-request", {"reason": "不属我局职责"})
    refused = await desk.done("chen", "return-decision", {"agree": False, "reason": "属你局职责"})
    assert refused["state"] == "assigned"
    assert await desk.refused("bob", "return-request", {"reason": "再次申请"}) == "return-closed"
    assert {"acceptance", "reply", "first_contact"} == set(await desk.clocks("bob"))


async def test_a_return_after_its_window_is_refused(desk: Desk, clock: MovableClock) -> None:
    await desk.handling()
    clock.pass_(days=20)
    assert await desk.refused("bob", "return-request", {"reason": "不属我局职责"}) == "return-closed"


async def test_an_extension_moves_the_date_within_the_cap(desk: Desk) -> None:
    await desk.handling()
    before = (await desk.clocks())["reply"]
    beyond = {"until": "2028-01-01", "reason": "工程复杂"}
    assert (await desk.act("bob", "extension-request", beyond)).status_code == 409
    await desk.done("bob", "extension-request", {"until": "2027-04-30", "reason": "工程复杂"})
    more = {"until": "2027-04-29", "reason": "再次"}
    assert await desk.refused("bob", "extension-request", more) == "extension-waiting"
    assert {"extension_decision", "reply"} <= set(await desk.clocks())
    await desk.done("chen", "extension-decision", {"agree": True, "reason": "同意延期"})
    after = (await desk.clocks())["reply"]
    assert (after["last_day"], after["due_revision"]) == ("2027-04-30", before["due_revision"] + 1)
    assert "extension_decision" not in await desk.clocks()
    [asked] = (await desk.seen("alice"))["requests"]
    assert (asked["agreed"], asked["agreed_until"]) == (True, "2027-04-30")


async def test_a_late_extension_is_refused_and_the_lateness_stays(desk: Desk, clock: MovableClock) -> None:
    await desk.handling()
    clock.pass_(days=120)
    late = {"until": "2027-05-10", "reason": "工程复杂"}
    assert await desk.refused("bob", "extension-request", late) == "extension-refused"
    assert (await desk.clocks())["reply"]["overdue"] is True


async def test_a_complex_matter_has_no_extension(desk: Desk) -> None:
    await desk.accepted()
    order = {"lead_unit_id": str(desk.county.unit_id), "complex": True}
    await desk.done("chen", "assignment", order)
    await desk.done("bob", "acceptance")
    asked = {"until": "2027-08-30", "reason": "工程复杂"}
    assert await desk.refused("bob", "extension-request", asked) == "extension-refused"


async def test_the_government_office_dispatches_and_the_clock_runs_on(desk: Desk) -> None:
    await desk.assigned()
    due = (await desk.clocks())["reply"]["last_day"]
    passed = {"lead_unit_id": str(desk.county.other_unit_id), "note": "请交通局主办"}
    after = await desk.done("gina", "dispatch", passed)
    assert after["assignments"][0]["unit_name"] == "县交通局"
    assert (await desk.clocks("bruno"))["reply"]["last_day"] == due
    assert (await desk.client.get(desk.at, headers=desk.county["bob"].headers)).status_code == 404


async def test_a_reply_needs_a_contact_the_delegate_did_not_deny(desk: Desk) -> None:
    await desk.handling()
    await desk.done("bob", "reply-draft", REPLY)
    assert await desk.refused("bella", "reply") == "contact-missing"
    talk = await desk.done("bob", "contacts", TALK)
    await desk.done("alice", f"contacts/{talk['id']}/confirmation", {"happened": False})
    assert await desk.refused("bella", "reply") == "contact-missing"
    await desk.done("bob", "contacts", {**TALK, "how": "phone"})
    await desk.done("bella", "reply-return", {"reason": "第二点请写明时间"})
    assert await desk.state() == "handling"
    await desk.done("bob", "reply-draft", REPLY)
    assert (await desk.done("bella", "reply"))["state"] == "replied"


async def test_the_assignment_is_counted_from_receipt(desk: Desk, clock: MovableClock) -> None:
    await desk.submitted()
    received = clock.now.date()
    clock.pass_(days=3)
    await desk.done("carol", "review", {"decision": "accept"})
    assert (await desk.clocks())["assignment"]["started_on"] == received.isoformat()


async def test_what_is_raised_in_session_bears_the_sessions_number(desk: Desk) -> None:
    body = {"congress_id": str(desk.county.congress_id), "term": 18, "number": 2, "opened_on": "2026-11-20"}
    body["closed_on"] = "2026-11-27"
    held = await post(desk.client, "/api/v1/sessions", desk.county["carol"], body)
    assert held.status_code == 201, held.text
    await desk.accepted(raised_in="session", session_id=held.json()["id"])
    assert (await desk.seen("carol"))["number"] == "第18届2次会议第1号"
    assert (await desk.clocks())["assignment"]["started_on"] == "2026-11-27"


async def test_the_office_enters_a_sessions_paper_together(desk: Desk) -> None:
    alice = str(desk.county.seats["alice"])
    item = {
        "title": "修桥",
        "situation": "桥危",
        "proposal": "修",
        "on_behalf_of": alice,
        "proxy": {"basis": "signed_paper", "witness": "李四"},
    }
    carol = desk.county["carol"]
    both = await post(desk.client, "/api/v1/suggestions/batch", carol, {"items": [item, item]})
    assert both.status_code == 201, both.text
    assert [s["state"] for s in both.json()["items"]] == ["submitted", "submitted"]
    assert both.json()["items"][0]["proxy_basis"] == "signed_paper"
    broken = {"items": [item, {**item, "on_behalf_of": str(uuid4())}]}
    assert (await post(desk.client, "/api/v1/suggestions/batch", carol, broken)).status_code == 404
    listed = await desk.client.get("/api/v1/suggestions", headers=carol.headers)
    assert len(listed.json()["items"]) == 2


async def test_a_list_is_assigned_under_one_signature_or_not_at_all(desk: Desk) -> None:
    items = []
    for _ in range(2):
        await desk.accepted()
        items.append({"suggestion_id": desk.at.rpartition("/")[2], "lead_unit_id": str(desk.county.unit_id)})
    chen = desk.county["chen"]
    broken = [*items[:1], {**items[1], "lead_unit_id": str(uuid4())}]
    refused = await post(desk.client, "/api/v1/assignments/batch", chen, {"items": broken})
    assert refused.status_code in (404, 422)
    done = await post(desk.client, "/api/v1/assignments/batch", chen, {"items": items})
    assert [s["state"] for s in done.json()["items"]] == ["assigned", "assigned"], done.text


@pytest.mark.parametrize("act", ["acceptance", "reply", "contacts", "extension-request"])
async def test_a_stranger_learns_nothing(desk: Desk, act: str) -> None:
    await desk.assigned()
    answer = await desk.act("bruno", act, {"until": "2027-04-30", "reason": "x"})
    assert answer.status_code in (403, 404, 422)


async def test_what_resembles_is_hinted_at_within_what_one_may_see(desk: Desk) -> None:
    await desk.submitted(title="关于修缮东片灌溉水渠的建议")
    await desk.submitted(title="关于办好乡村食堂的建议", situation="老人吃饭难", proposal="办食堂")
    await desk.submitted(title="关于修缮东片水渠的建议")
    hints = (await desk.seen("alice", "/similar"))["items"]
    assert [h["title"] for h in hints] == ["关于修缮东片灌溉水渠的建议"]
    assert (
        await desk.client.get(f"{desk.at}/similar", headers=desk.county["dave"].headers)
    ).status_code == 404


async def test_the_head_may_sign_words_of_his_own(desk: Desk) -> None:
    await desk.handling()
    await desk.done("bob", "contacts", TALK)
    await desk.done("bob", "reply-draft", REPLY)
    assert await desk.refused("bella", "reply", {"content": "一、已修好。"}) == "reason-missing"
    own = {**REPLY, "content": "一、已修好。"}
    assert (await desk.done("bella", "reply", own))["state"] == "replied"
    assert [r["content"] for r in (await desk.seen("alice"))["replies"]] == ["一、已修好。"]


async def test_allowed_names_what_this_person_may_do(desk: Desk) -> None:
    await desk.submitted()
    assert (await desk.seen("alice"))["allowed"] == ["withdrawal"]
    assert "review" in (await desk.seen("carol"))["allowed"]
    await desk.done("carol", "review", {"decision": "accept"})
    await desk.done("chen", "assignment", {"lead_unit_id": str(desk.county.unit_id)})
    await desk.done("bob", "acceptance")
    await desk.done("bob", "reply-draft", REPLY)
    assert "reply" not in (await desk.seen("bob"))["allowed"]
    assert "reply" in (await desk.seen("bella"))["allowed"]
    refused = await desk.act("carol", "review", {"decision": "accept"})
    assert len(refused.json()["allowed"]) == len(set(refused.json()["allowed"]))
