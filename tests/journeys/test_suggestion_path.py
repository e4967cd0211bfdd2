"""One suggestion from the delegate's draft to its close, by HTTP."""

import httpx

from tests.conftest import MovableClock
from tests.people import County, get, post

DRAFT = {
    "title": "关于修缮甲镇灌溉水渠的建议",
    "situation": "甲镇东片水渠多处坍塌，近三年春灌时下游百余亩稻田缺水。",
    "proposal": "建议水务部门在明年春耕前完成清淤和加固。",
}


async def test_from_draft_to_closed(client: httpx.AsyncClient, county: County, clock: MovableClock) -> None:
    alice, bob, bella, chen = county["alice"], county["bob"], county["bella"], county["chen"]

    drafted = await post(client, "/api/v1/suggestions", alice, DRAFT)
    assert drafted.status_code == 201, drafted.text
    path = f"/api/v1/suggestions/{drafted.json()['id']}"

    assert (await post(client, f"{path}/submission", alice)).json()["state"] == "submitted"
    accepted = await post(client, f"{path}/review", county["carol"], {"decision": "accept"})
    assert (accepted.json()["state"], accepted.json()["number"]) == ("accepted", "第18届闭会第1号")
    assigned = await post(client, f"{path}/assignment", chen, {"lead_unit_id": str(county.unit_id)})
    assert assigned.json()["state"] == "assigned", assigned.text
    assert (await post(client, f"{path}/acceptance", bob)).json()["state"] == "handling"

    clock.pass_(days=3)
    talk = {"how": "meeting", "at": "2026-11-27T10:00:00+08:00", "note": "现场查看了东片水渠"}
    assert (await post(client, f"{path}/contacts", bob, talk)).status_code == 201
    draft = {"content": "一、已列入春修计划。二、三月底前完工。", "outcome": "solved", "disclosure": "full"}
    assert (await post(client, f"{path}/reply-draft", bob, draft)).json()["state"] == "reply_drafted"
    issued = await post(client, f"{path}/reply", bella)
    assert issued.json()["state"] == "replied", issued.text
    judged = await post(client, f"{path}/evaluation", alice, {"overall": "satisfied"})
    assert judged.json()["state"] == "closed", judged.text

    taken = (await get(client, f"{path}/steps", alice)).json()["items"]
    assert [step["act"] for step in taken] == [
        "submission",
        "review.accept",
        "assignment",
        "acceptance",
        "contacts",
        "reply-draft",
        "reply",
        "evaluation",
    ]
    assert (await get(client, path, county["dave"])).status_code == 404
