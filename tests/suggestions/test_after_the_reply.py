"""From reply to archive: evaluation, rejection, conference, promises, supervision, ends, by HTTP."""

from typing import Any
from uuid import UUID

import pytest

from app.infra.db import Database
from app.infra.tenants import Tenant
from app.suggestions.jobs import lapse_evaluations
from tests.conftest import MovableClock
from tests.people import get
from tests.suggestions.conftest import seat_delegate
from tests.suggestions.desk import PROMISING, REPLY, Desk


async def everything_a_unit_can_read(desk: Desk, who: str) -> dict[str, Any]:
    """Bodies and ETags of every read a unit has."""
    read: dict[str, Any] = {}
    id = desk.at.rpartition("/")[2]
    for path in (
        desk.at,
        f"{desk.at}/steps",
        f"{desk.at}/deadlines",
        "/api/v1/suggestions",
        "/api/v1/suggestions?state=replied",
        "/api/v1/suggestions?state=closed",
        "/api/v1/suggestions?state=rejected",
        "/api/v1/suggestions?state=committed",
        "/api/v1/deadlines",
        "/api/v1/deadlines?state=open",
        "/api/v1/alerts",
        "/api/v1/inbox",
    ):
        answer = await get(desk.client, path, desk.county[who])
        assert answer.status_code == 200, path
        read[path.replace(id, "…")] = (answer.json(), answer.headers.get("etag"))
    return read


@pytest.mark.parametrize("reply", [REPLY, PROMISING])
@pytest.mark.parametrize(
    "mark",
    [
        {"overall": "satisfied"},
        {"overall": "basically", "attitude": "satisfied", "comment": "还可以"},
        {"overall": "unsatisfied", "comment": "没有动工", "reason_may_reach_unit": True},
    ],
)
async def test_a_unit_reads_the_same_before_and_after_an_evaluation(
    desk: Desk, reply: dict[str, Any], mark: dict[str, Any]
) -> None:
    await desk.replied(reply)
    before = {who: await everything_a_unit_can_read(desk, who) for who in ("bob", "bella")}
    await desk.done("alice", "evaluation", mark)
    after = {who: await everything_a_unit_can_read(desk, who) for who in ("bob", "bella")}
    assert after == before


async def test_a_conference_is_nothing_a_unit_reads_either(desk: Desk) -> None:
    await desk.replied()
    before = await everything_a_unit_can_read(desk, "bob")
    await desk.done("alice", "evaluation", {"overall": "unsatisfied", "comment": "没有动工"})
    await desk.done("chen", "rejection-decision", {"decision": "conference", "reason": "先会商"})
    assert await everything_a_unit_can_read(desk, "bob") == before


async def test_units_and_other_delegates_never_evaluate(
    desk: Desk, database: Database, tenant: Tenant
) -> None:
    await seat_delegate(database, tenant, desk.county, "erin", "13800000003")
    await desk.replied()
    for who in ("bob", "bella", "gina", "chen"):
        assert (await desk.act(who, "evaluation", {"overall": "satisfied"})).status_code == 403, who
    assert await desk.refused("erin", "evaluation", {"overall": "satisfied"}) == "not-lead-delegate"
    assert await desk.refused("carol", "evaluation", {"overall": "satisfied"}) == "proxy-basis-needed"
    proxy = {"overall": "satisfied", "proxy": {"basis": "in_person", "witness": "李四"}}
    assert (await desk.done("carol", "evaluation", proxy))["state"] == "closed"
    assert (await desk.seen("erin"))["evaluations"] == []


async def test_unsatisfied_needs_a_reason(desk: Desk) -> None:
    await desk.replied()
    assert await desk.refused("alice", "evaluation", {"overall": "unsatisfied"}) == "reason-missing"
    assert await desk.state() == "replied"


async def test_rehandling_opens_a_round_and_keeps_the_earlier_reply(desk: Desk) -> None:
    await desk.rejected(reason_may_reach_unit=True)
    assert set(await desk.clocks()) == {"rejection_decision"}
    again = await desk.done("chen", "rejection-decision", {"decision": "rehandle", "reason": "重新办理"})
    assert again["state"] == "handling"
    assert set(await desk.clocks("bob")) == {"rehandling_reply"}
    seen = await desk.seen("bob")
    assert (seen["assignments"][0]["round"], seen["assignments"][0]["rehandling_reason"]) == (
        2,
        "渠道没有动工",
    )
    await desk.answered()
    assert [r["round"] for r in (await desk.seen("alice"))["replies"]] == [1, 2]


async def test_the_reason_reaches_the_unit_by_consent_alone(desk: Desk) -> None:
    await desk.rejected()
    decision = {"decision": "rehandle", "reason": "代表认为渠道没有动工"}
    await desk.done("chen", "rejection-decision", decision)
    seen = str(await desk.seen("bob")) + str(await desk.seen("bob", "/steps"))
    assert "没有动工" not in seen


async def test_a_second_rejection_goes_to_a_conference(desk: Desk) -> None:
    await desk.rejected()
    await desk.done("chen", "rejection-decision", {"decision": "rehandle", "reason": "重新办理"})
    await desk.answered()
    await desk.done("alice", "evaluation", {"overall": "unsatisfied", "comment": "还是没有动工"})
    again = {"decision": "rehandle", "reason": "再办"}
    assert await desk.refused("chen", "rejection-decision", again) == "conference-needed"
    called = await desk.done("chen", "rejection-decision", {"decision": "conference", "reason": "会商"})
    assert called["state"] == "conference"
    assert set(await desk.clocks()) == {"conference"}
    minutes = {
        "held_on": "2026-11-25",
        "participants": ["镇人大", "县水务局", "alice"],
        "result": "new_plan",
        "delegate_position": "agrees",
    }
    assert await desk.refused("carol", "conference-record", minutes) == "plan-date-missing"
    planned = await desk.done("carol", "conference-record", {**minutes, "due_on": "2027-01-29"})
    assert planned["state"] == "handling"
    assert (await desk.clocks())["rehandling_reply"]["last_day"] == "2027-01-29"


async def test_a_conference_may_end_the_matter_with_its_minutes(desk: Desk) -> None:
    await desk.rejected()
    await desk.done("chen", "rejection-decision", {"decision": "conference", "reason": "会商"})
    minutes = {
        "held_on": "2026-11-25",
        "participants": ["镇人大", "alice"],
        "result": "closed",
        "delegate_position": "disagrees",
    }
    assert (await desk.done("carol", "conference-record", minutes))["state"] == "closed"


async def test_a_reply_stands_only_on_an_article_or_signed_consent(desk: Desk) -> None:
    await desk.rejected()
    stand = {"decision": "stand", "reason": "已尽力"}
    assert await desk.refused("chen", "rejection-decision", stand) == "stand-needs-basis"
    assert await desk.state() == "rejected"


async def test_a_promise_is_followed_until_delegate_and_office_agree(desk: Desk) -> None:
    await desk.replied(PROMISING)
    assert {"commitment", "evaluation"} == set(await desk.clocks())
    assert (await desk.done("alice", "evaluation", {"overall": "satisfied"}))["state"] == "committed"
    [promise] = (await desk.seen("alice"))["replies"][0]["commitments"]
    at = f"commitments/{promise['id']}"
    assert await desk.refused("alice", f"{at}/confirmation", {"kept": True, "seen_how": "site"}) == (
        "commitment-settled"
    )
    assert await desk.refused("carol", "closure") == "promises-open"
    earlier = {"new_due_on": "2027-03-01", "reason": "雨季"}
    assert await desk.refused("bob", f"{at}/slip", earlier) == "slip-not-later"
    await desk.done("bob", f"{at}/slip", {"new_due_on": "2027-05-31", "reason": "雨季"})
    assert (await desk.clocks("bob"))["commitment"]["last_day"] == "2027-05-31"

    await desk.done("bob", f"{at}/fulfilment", {"evidence": "已完工，附照片"})
    assert "commitment" not in await desk.clocks()
    await desk.done("alice", f"{at}/confirmation", {"kept": False, "seen_how": "site", "note": "还没修完"})
    assert (await desk.clocks())["commitment"]["last_day"] == "2027-05-31"
    await desk.done("bob", f"{at}/fulfilment", {"evidence": "现已修完"})
    await desk.done("alice", f"{at}/confirmation", {"kept": True, "seen_how": "site"})
    assert await desk.refused("carol", "closure") == "further-reply-missing"
    further = {"content": "水渠已修完", "outcome": "solved", "commitment_id": promise["id"]}
    await desk.done("bob", "further-reply", further)
    assert (await desk.done("carol", "closure"))["state"] == "closed"
    assert await desk.clocks() == {}


async def test_the_office_clears_what_a_silent_delegate_does_not_confirm(desk: Desk) -> None:
    await desk.replied(PROMISING)
    await desk.done("alice", "evaluation", {"overall": "basically"})
    [promise] = (await desk.seen("alice"))["replies"][0]["commitments"]
    at = f"commitments/{promise['id']}"
    assert await desk.refused("carol", f"{at}/clearance", {"how": "现场核实"}) == "commitment-settled"
    await desk.done("bob", f"{at}/fulfilment", {"evidence": "已完工"})
    cleared = await desk.done("carol", f"{at}/clearance", {"how": "现场核实，代表未表态"})
    assert cleared["replies"][0]["commitments"][0]["state"] == "cleared"


async def test_rehandling_supersedes_the_promises(desk: Desk) -> None:
    await desk.replied(PROMISING)
    await desk.done("alice", "evaluation", {"overall": "unsatisfied", "comment": "太迟"})
    await desk.done("chen", "rejection-decision", {"decision": "rehandle", "reason": "重新办理"})
    assert set(await desk.clocks()) == {"rehandling_reply"}
    assert (await desk.seen("bob"))["replies"][0]["commitments"][0]["state"] == "superseded"


async def test_silence_is_reminded_once_then_left_out(
    desk: Desk, database: Database, tenant: Tenant, clock: MovableClock
) -> None:
    await desk.replied()

    async def lapse() -> int:
        async with database.unit(tenant) as tx:
            return await lapse_evaluations(tx, clock.now)

    assert await lapse() == 0
    clock.pass_(days=60)
    assert await lapse() == 1  # reminded
    assert (await lapse(), await desk.state()) == (0, "replied")
    clock.pass_(days=20)
    assert await lapse() == 1
    assert await desk.state() == "closed"
    assert (await desk.seen("carol"))["evaluations"] == []
    acts = [s["act"] for s in (await desk.seen("carol", "/steps"))["items"]]
    assert acts[-2:] == ["evaluation.reminder", "evaluation.silent"]


async def test_an_urge_reaches_the_unit_and_is_answered(desk: Desk) -> None:
    await desk.handling()
    demand = {"content": "月底前报进度", "unit_id": str(desk.county.unit_id), "due_on": "2026-12-31"}
    after = await desk.done("carol", "supervisions", {"kind": "urge", "note": "请抓紧", "demands": [demand]})
    [urge] = after["supervisions"]
    answered = await desk.done("bob", f"supervisions/{urge['id']}/feedback", {"content": "已完成一半"})
    assert answered["supervisions"][0]["demands"][0]["feedback"] == "已完成一半"
    stranger = {**demand, "unit_id": str(desk.county.other_unit_id)}
    wrong = {"kind": "urge", "note": "请抓紧", "demands": [stranger]}
    assert await desk.refused("carol", "supervisions", wrong) == "assignment-unknown"


async def test_key_items_are_the_chairs(desk: Desk) -> None:
    await desk.handling()
    key = {"decided_by": "主席团会议"}
    assert (await desk.act("carol", "key-designation", key)).status_code == 403
    assert (await desk.done("chen", "key-designation", key))["is_key"] is True


async def test_pressure_is_for_the_chair_in_person_or_the_county(desk: Desk) -> None:
    await desk.replied()
    before = await everything_a_unit_can_read(desk, "bob")
    steps = await desk.seen("carol", "/steps")
    await desk.done("alice", "pressure-report", {"content": "有人要求我评满意", "to": "chair"})
    await desk.done("alice", "pressure-report", {"content": "镇长打电话来", "to": "county"})
    assert await everything_a_unit_can_read(desk, "bob") == before
    assert await desk.seen("carol", "/steps") == steps
    read = await get(desk.client, "/api/v1/pressure-reports", desk.county["chen"])
    assert [r["content"] for r in read.json()["items"]] == ["有人要求我评满意"]
    up = await get(desk.client, "/api/v1/pressure-reports", desk.county["lena"])
    assert [r["content"] for r in up.json()["items"]] == ["镇长打电话来"]
    for who in ("carol", "bob", "gina", "alice"):
        assert (await get(desk.client, "/api/v1/pressure-reports", desk.county[who])).status_code == 403


async def test_withdrawal_needs_every_cosigner_and_after_assignment_a_talk(
    desk: Desk, database: Database, tenant: Tenant
) -> None:
    erin = await seat_delegate(database, tenant, desk.county, "erin", "13800000003")
    await desk.drafted(cosigner_ids=[str(erin)])
    await desk.done("alice", "submission")
    await desk.done("erin", "cosignature", {"agree": True})
    await desk.done("carol", "review", {"decision": "accept"})
    await desk.done("chen", "assignment", {"lead_unit_id": str(desk.county.unit_id)})
    assert await desk.refused("erin", "withdrawal-consent", {"agree": True}) == "withdrawal-unknown"
    assert (await desk.done("alice", "withdrawal", {"reason": "已经解决"}))["state"] == "assigned"
    assert (await desk.done("erin", "withdrawal-consent", {"agree": True}))["state"] == "assigned"
    talk = {"note": "单独谈话，代表自愿", "asked_by_other": False}
    assert (await desk.done("carol", "withdrawal-talk", talk))["state"] == "withdrawn"
    assert await desk.clocks() == {}


async def test_before_assignment_the_lead_alone_withdraws(desk: Desk) -> None:
    await desk.submitted()
    assert (await desk.done("alice", "withdrawal", {"reason": "已经解决"}))["state"] == "withdrawn"
    assert await desk.refused("carol", "review", {"decision": "accept"}) == "step-not-allowed"


async def test_the_next_cosigner_leads_when_the_lead_is_gone(
    desk: Desk, database: Database, tenant: Tenant
) -> None:
    erin = await seat_delegate(database, tenant, desk.county, "erin", "13800000003")
    await desk.drafted(cosigner_ids=[str(erin)])
    await desk.done("alice", "submission")
    await desk.done("erin", "cosignature", {"agree": True})
    wrong = {"to_delegate_id": str(desk.county.seats["dave"]), "reason": "辞职"}
    assert await desk.refused("carol", "lead-succession", wrong) == "successor-wrong"
    heir = {"to_delegate_id": str(erin), "reason": "原领衔代表去世"}
    after = await desk.done("carol", "lead-succession", heir)
    assert UUID(after["delegate_id"]) == erin
    await desk.done("carol", "review", {"decision": "accept"})
    await desk.done("chen", "assignment", {"lead_unit_id": str(desk.county.unit_id)})
    await desk.done("bob", "acceptance")
    await desk.answered()
    assert (await desk.done("erin", "evaluation", {"overall": "satisfied"}))["state"] == "closed"


async def test_reopening_on_new_facts_is_another_round(desk: Desk) -> None:
    await desk.replied()
    await desk.done("alice", "evaluation", {"overall": "satisfied"})
    again = await desk.done("carol", "reopening", {"reason": "又塌了"})
    assert again["state"] == "handling"
    assert set(await desk.clocks()) == {"rehandling_reply"}
    assert again["closed_at"] is None


async def test_publication_needs_two_people_and_freezes_the_file(desk: Desk) -> None:
    await desk.replied()
    await desk.done("alice", "evaluation", {"overall": "satisfied"})
    assert await desk.refused("chen", "publication-approval") == "publication-unknown"
    await desk.done("carol", "publication", {"public": True, "redactions": ["张三"]})
    assert await desk.refused("carol", "publication-approval") == "second-person-needed"
    archived = await desk.done("chen", "publication-approval")
    assert (archived["state"], archived["public"]) == ("archived", True)
    assert await desk.refused("carol", "reopening", {"reason": "x"}) == "step-not-allowed"
    assert (await desk.seen("bob"))["state"] == "archived"


async def test_one_person_acts_on_one_side_only(desk: Desk) -> None:
    await desk.submitted()
    answer = await desk.act("bob", "acceptance")
    assert answer.status_code == 404
    assert await desk.refused("carol", "withdrawal", {"reason": "x"}) == "not-lead-delegate"


async def test_nobody_is_put_aside_who_still_holds_the_seat(desk: Desk) -> None:
    await desk.replied()
    nobody = {"to_delegate_id": None, "reason": "联系不上"}
    assert await desk.refused("carol", "lead-succession", nobody) == "lead-still-here"


async def test_who_entered_a_withdrawal_does_not_vouch_for_it(desk: Desk) -> None:
    await desk.handling()
    entered = {"reason": "代表来电", "proxy": {"basis": "recorded_call"}}
    await desk.done("carol", "withdrawal", entered)
    talk = {"note": "单独谈话", "asked_by_other": False}
    assert await desk.refused("carol", "withdrawal-talk", talk) == "second-person-needed"
    assert (await desk.done("chen", "withdrawal-talk", talk))["state"] == "withdrawn"


async def test_what_was_prepared_for_another_round_is_not_signed(desk: Desk) -> None:
    await desk.rejected()
    decision = {"decision": "conference", "reason": "先会商"}
    [waiting] = (await desk.done("carol", "rejection-decision", decision))["approvals"][-1:]
    await desk.done("chen", "rejection-decision", {"decision": "rehandle", "reason": "重新办理"})
    await desk.answered()
    await desk.done("alice", "evaluation", {"overall": "unsatisfied", "comment": "还是没有动工"})
    stale = await desk.refused("chen", f"approvals/{waiting['id']}", {"agree": True})
    assert stale == "approval-stale"
    again = await desk.done("carol", "rejection-decision", decision)
    assert [a["state"] for a in again["approvals"] if a["act"] == "rejection-decision"][-1] == "pending"
