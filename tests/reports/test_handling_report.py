"""The yearly report: drafted from the facts, signed by the chair, public, and without a person in it."""

from typing import Any

import httpx
import pytest

from tests.conftest import MovableClock
from tests.people import get, post
from tests.suggestions.desk import PROMISING, Desk

REPORTS = "/api/v1/handling-reports"


async def a_year(desk: Desk) -> None:
    await desk.submitted(title="保密的建议", confidential=True)
    await desk.done("carol", "review", {"decision": "accept"})
    await desk.submitted(title="不愿公开的建议", delegate_agrees_public=False)
    await desk.done("carol", "review", {"decision": "accept"})
    await desk.accepted(category="roads")
    for _ in range(5):
        await desk.replied(PROMISING)
        bad = {"overall": "unsatisfied", "comment": "渠道没有动工"}
        await desk.done("alice", "evaluation", bad)


async def drafted(desk: Desk, who: str = "carol") -> dict[str, Any]:
    body = {"congress_id": str(desk.county.congress_id), "period": "2026"}
    answer = await post(desk.client, REPORTS, desk.county[who], body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def act(desk: Desk, who: str, report: dict[str, Any], act: str, body: Any = None) -> httpx.Response:
    return await post(desk.client, f"{REPORTS}/{report['id']}/{act}", desk.county[who], body)


async def edited(desk: Desk, report: dict[str, Any], text: str) -> httpx.Response:
    path = f"{REPORTS}/{report['id']}"
    mark = (await get(desk.client, path, desk.county["carol"])).headers["etag"]
    sections = [{"key": "next", "heading": "六、下一步打算", "text": text}]
    return await desk.client.put(
        path,
        json={"title": report["title"], "sections": sections},
        headers={**desk.county["carol"].headers, "If-Match": mark},
    )


async def test_a_report_is_drafted_signed_and_published(desk: Desk) -> None:
    await a_year(desk)
    report = await drafted(desk)
    assert report["state"] == "drafting"
    assert "共收到代表建议、批评和意见 8 件" in report["text"]
    assert "道路交通 1 件" in report["text"]
    assert "列入计划 5 件" in report["text"]
    again = {"congress_id": str(desk.county.congress_id), "period": "2026"}
    second = await post(desk.client, REPORTS, desk.county["carol"], again)
    assert (second.status_code, second.json()["code"]) == (409, "handling-report-exists")

    refused = await act(desk, "chen", report, "approval", {"agree": False})
    assert (refused.status_code, refused.json()["code"]) == (422, "report-reason-missing")
    await act(desk, "chen", report, "approval", {"agree": False, "reason": "请写下一步打算"})
    mended = await edited(desk, report, "明年抓好水渠修缮。")
    assert mended.status_code == 200, mended.text
    assert mended.json()["refusal"] == "请写下一步打算"
    early = await act(desk, "carol", report, "publication")
    assert (early.status_code, early.json()["allowed"]) == (409, ["approval", "edit", "facts"])

    public = f"/api/public/v1/handling-reports/{report['id']}"
    assert (await desk.client.get(public)).status_code == 404
    signed = await act(desk, "chen", report, "approval", {"agree": True})
    assert (signed.json()["state"], signed.json()["approved_name"]) == ("approved", "chen")
    assert (await edited(desk, report, "改")).json()["code"] == "step-not-allowed"
    assert (await act(desk, "carol", report, "publication")).json()["state"] == "published"
    assert "明年抓好水渠修缮。" in (await desk.client.get(public)).json()["text"]


async def test_the_public_text_carries_no_person_and_no_evaluation(desk: Desk) -> None:
    await a_year(desk)
    report = await drafted(desk)
    await act(desk, "chen", report, "approval", {"agree": True})
    await act(desk, "carol", report, "publication")
    read = await desk.client.get(f"/api/public/v1/handling-reports/{report['id']}")
    body = read.text
    for secret in ("alice", "满意", "评价", "没有动工", "保密的建议", "不愿公开的建议", "1380000"):
        assert secret not in body, secret
    assert "另有 2 件" in body
    for who in ("bob", "gina", "dave"):
        seen = await get(desk.client, f"{REPORTS}/{report['id']}", desk.county[who])
        assert seen.json()["figures"] == [], who
        assert "evaluation" not in seen.text
    facts = (await get(desk.client, f"{REPORTS}/{report['id']}", desk.county["chen"])).json()["figures"]
    assert {"evaluation.unsatisfied", "on_time.reply"} <= {figure["key"] for figure in facts}


async def test_a_telephone_number_is_not_signed(desk: Desk) -> None:
    report = await drafted(desk)
    await edited(desk, report, "有事请打 13800000001 找代表。")
    refused = await act(desk, "chen", report, "approval", {"agree": True})
    assert (refused.status_code, refused.json()["code"]) == (409, "contact-in-report")
    assert "13800000001" not in refused.text


@pytest.mark.parametrize("who", ["bob", "gina", "dave", "alice"])
async def test_a_draft_is_the_congresss_own(desk: Desk, who: str) -> None:
    report = await drafted(desk)
    assert (await get(desk.client, f"{REPORTS}/{report['id']}", desk.county[who])).status_code == 404
    assert (await get(desk.client, REPORTS, desk.county[who])).json()["items"] == []
    body = {"congress_id": str(desk.county.congress_id), "period": "2025"}
    assert (await post(desk.client, REPORTS, desk.county[who], body)).status_code == 403


async def test_the_office_does_not_sign_and_the_chair_does_not_draft(desk: Desk) -> None:
    report = await drafted(desk)
    assert (await act(desk, "carol", report, "approval", {"agree": True})).status_code == 403
    assert (await act(desk, "chen", report, "publication")).status_code == 403
    assert report["allowed"] == ["edit", "facts"]
    assert [r["id"] for r in (await get(desk.client, REPORTS, desk.county["cora"])).json()["items"]] == [
        report["id"]
    ]


async def test_counting_again_brings_in_what_has_happened_since(desk: Desk, clock: MovableClock) -> None:
    report = await drafted(desk)
    assert "意见 0 件" in report["text"]
    await desk.submitted()
    clock.pass_(days=1)
    assert "意见 1 件" in (await act(desk, "carol", report, "facts")).json()["text"]


async def test_the_report_has_a_clock_of_its_own_from_the_years_end(desk: Desk) -> None:
    report = await drafted(desk)
    assert report["due_on"] == "2027-03-31"
    await act(desk, "chen", report, "approval", {"agree": True})
    await act(desk, "carol", report, "publication")
    clocks = (await get(desk.client, "/api/v1/deadlines?state=open", desk.county["carol"])).json()["items"]
    assert "handling_report" not in {clock["kind"] for clock in clocks}
