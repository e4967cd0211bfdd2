"""Sending subscription messages: form, values, credit."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from app.fakes.wechat.auth import check_token
from app.fakes.wechat.refusals import Refusal
from app.fakes.wechat.replies import body_of, ok, world_of
from app.fakes.wechat.subscriptions import Template
from app.fakes.wechat.values import fault_of

STATES = ("formal", "trial", "developer")
LANGUAGES = ("zh_CN", "en_US", "zh_HK", "zh_TW")


async def subscribe_send(request: Request) -> JSONResponse:
    check_token(request)
    body, world = await body_of(request), world_of(request)
    openid, template = str(body.get("touser", "")), world.templates.get(body.get("template_id", ""))
    if not world.knows(openid):
        raise Refusal(40003, "invalid openid")
    if template is None:
        raise Refusal(40037, "invalid template_id")
    check_form(body)
    data = values_of(template, body.get("data"))
    world.credits.spend(openid, template)
    message = world.receive(openid, template, str(body.get("page", "")), data)
    return ok(msgid=message.msgid)


def check_form(body: dict[str, Any]) -> None:
    if body.get("miniprogram_state") not in STATES:
        raise Refusal(47003, "argument invalid! miniprogram_state invalid")
    if body.get("lang") not in LANGUAGES:
        raise Refusal(47003, "argument invalid! lang invalid")


def values_of(template: Template, data: object) -> dict[str, str]:
    """Every key of the template with a fitting value, and no other key."""
    given = data if isinstance(data, dict) else {}
    for key in [*template.fields(), *given]:
        entry = given.get(key)
        fault = fault_of(key, entry.get("value") if isinstance(entry, dict) else None)
        if fault or key not in template.fields():
            raise Refusal(47003, fault or f"argument invalid! data.{key} is not in the template")
    return {key: given[key]["value"] for key in template.fields()}


async def gettemplate(request: Request) -> JSONResponse:
    check_token(request)
    templates = world_of(request).templates.values()
    return ok(
        data=[
            {"priTmplId": t.id, "title": t.title, "content": t.content, "example": "", "type": t.type}
            for t in templates
        ]
    )
