"""The whole workflow by HTTP: one suggestion, and what everybody does with it."""

from dataclasses import dataclass
from typing import Any

import httpx

from tests.people import County, get, post

DRAFT = {
    "title": "关于修缮甲镇灌溉水渠的建议",
    "situation": "甲镇东片水渠多处坍塌，近三年春灌时下游百余亩稻田缺水。",
    "proposal": "建议水务部门在明年春耕前完成清淤和加固。",
}
REPLY = {"content": "一、已列入春修计划。二、三月底前完工。", "outcome": "solved", "disclosure": "full"}
PROMISE = {"content": "三月底前完成清淤", "due_on": "2027-03-31", "owner": "水务局 张工"}
PROMISING = {
    "content": "一、列入计划。",
    "outcome": "planned",
    "disclosure": "full",
    "commitments": [PROMISE],
}
TALK = {"how": "meeting", "at": "2026-11-20T10:00:00+08:00", "note": "现场查看了东片水渠"}


@dataclass
class Desk:
    """`at` is the suggestion's path; each act answers with the response."""

    client: httpx.AsyncClient
    county: County
    at: str = ""

    async def act(self, who: str, act: str, body: Any = None) -> httpx.Response:
        return await post(self.client, f"{self.at}/{act}", self.county[who], body)

    async def done(self, who: str, act: str, body: Any = None) -> dict[str, Any]:
        """The act must succeed; the suggestion as that person sees it then."""
        answer = await self.act(who, act, body)
        assert answer.status_code < 300, f"{act}: {answer.text}"
        return dict(answer.json()) if answer.content else {}

    async def refused(self, who: str, act: str, body: Any = None) -> str:
        """The act must be refused; the error's code."""
        answer = await self.act(who, act, body)
        assert 400 <= answer.status_code < 500, f"{act}: {answer.text}"
        assert answer.json()["detail"]
        return str(answer.json()["code"])

    async def seen(self, who: str, below: str = "") -> dict[str, Any]:
        answer = await get(self.client, f"{self.at}{below}", self.county[who])
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def state(self, who: str = "carol") -> str:
        return str((await self.seen(who))["state"])

    async def clocks(self, who: str = "carol") -> dict[str, dict[str, Any]]:
        """kind → the running clock."""
        items = (await self.seen(who, "/deadlines"))["items"]
        return {clock["kind"]: clock for clock in items if clock["stopped_at"] is None}

    async def drafted(self, **more: Any) -> "Desk":
        answer = await post(self.client, "/api/v1/suggestions", self.county["alice"], {**DRAFT, **more})
        assert answer.status_code == 201, answer.text
        self.at = f"/api/v1/suggestions/{answer.json()['id']}"
        return self

    async def submitted(self, **more: Any) -> "Desk":
        await self.drafted(**more)
        await self.done("alice", "submission")
        return self

    async def accepted(self, **more: Any) -> "Desk":
        await self.submitted(**more)
        await self.done("carol", "review", {"decision": "accept"})
        return self

    async def assigned(self, **more: Any) -> "Desk":
        await self.accepted(**more)
        await self.done("chen", "assignment", {"lead_unit_id": str(self.county.unit_id)})
        return self

    async def handling(self, **more: Any) -> "Desk":
        await self.assigned(**more)
        await self.done("bob", "acceptance")
        return self

    async def answered(self, reply: dict[str, Any] = REPLY) -> "Desk":
        """From handling to replied."""
        await self.done("bob", "contacts", TALK)
        await self.done("bob", "reply-draft", reply)
        await self.done("bella", "reply")
        return self

    async def replied(self, reply: dict[str, Any] = REPLY) -> "Desk":
        await self.handling()
        return await self.answered(reply)

    async def rejected(self, **more: Any) -> "Desk":
        await self.replied()
        bad = {"overall": "unsatisfied", "comment": "渠道没有动工", **more}
        await self.done("alice", "evaluation", bad)
        return self
