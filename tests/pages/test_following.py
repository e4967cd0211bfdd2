"""The receipt's page by HTTP: question and answer, result, mark, once more."""

import asyncio
from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI
from sqlmodel import select

from app.infra.db import Database
from app.infra.ratelimit import Budget
from app.infra.tenants import Tenant
from app.opinions.models import Opinion, OpinionMessage
from app.opinions.steps import PUBLIC
from app.pages.receipts import plain
from app.pages.responding import HEADERS
from app.pages.wording import ACT_WORDS
from app.stations.models import LiaisonStation
from tests.conftest import MovableClock
from tests.pages.surfing import WORDS, Form, form_of, speak
from tests.people import County, get, post


async def send(client: httpx.AsyncClient, form: Form, **values: str) -> httpx.Response:
    return await client.post(form.action, data={**form.values, **values})


async def page(client: httpx.AsyncClient, receipt: str) -> str:
    shown = await client.get(f"/o/{receipt}")
    assert shown.status_code == 200, shown.text
    return shown.text


async def office(client: httpx.AsyncClient, county: County, act: str, body: dict[str, str]) -> None:
    """The congress office's act on the only opinion there is."""
    carol = county["carol"]
    [listed] = (await get(client, "/api/v1/opinions", carol)).json()["items"]
    done = await post(client, f"/api/v1/opinions/{listed['id']}/{act}", carol, body)
    assert done.is_success, done.text


async def the_opinion(database: Database, tenant: Tenant) -> Opinion:
    async with database.unit(tenant) as tx:
        [opinion] = (await tx.exec(select(Opinion))).all()
    return opinion


async def test_question_answer_result_mark_and_once_more(
    client: httpx.AsyncClient,
    county: County,
    station: LiaisonStation,
    database: Database,
    tenant: Tenant,
    clock: MovableClock,
) -> None:
    receipt = await speak(client, station.code)
    clock.pass_(hours=2)
    await office(client, county, "messages", {"content": "是哪几盏？"})
    asked = await page(client, receipt)
    assert "有个问题想问您" in asked
    assert "是哪几盏？" in asked

    answered = await send(client, form_of(asked, "/messages"), content="桥头三盏。\n靠学校。")
    assert answered.status_code == 303
    back = await client.get(answered.headers["location"])
    assert "您说的话收到了。" in back.text
    assert "桥头三盏。\n靠学校。" in back.text

    clock.pass_(hours=1)
    await office(client, county, "answer", {"content": "三盏灯已修好。"})
    assert (await client.head(f"/o/{receipt}")).status_code == 200
    assert (await the_opinion(database, tenant)).told_at is None  # a preview is no reading
    result = await page(client, receipt)
    assert "三盏灯已修好。" in result
    opinion = await the_opinion(database, tenant)
    assert (opinion.state, opinion.told_how, opinion.told_at) == ("told", "read", clock.now)

    rated = await send(client, form_of(result, "/rating"), satisfied="unsatisfied", comment="还有一盏不亮")
    after = (await client.get(rated.headers["location"])).text
    assert "您的评价：不满意" in after
    assert "还有一盏不亮" in after
    assert (await the_opinion(database, tenant)).rating == "unsatisfied"

    clock.pass_(hours=1)
    again = await send(client, form_of(after, "/reopening"), reason="第三盏又坏了")
    assert again.status_code == 303, again.text
    reopened = (await client.get(again.headers["location"])).text
    assert "重新办理中" in reopened
    assert "上一次：给您的答复" in reopened
    assert "/reopening" not in reopened

    clock.pass_(hours=1)
    await office(client, county, "answer", {"content": "第三盏换了新灯。"})
    final = await page(client, receipt)
    assert "第三盏换了新灯。" in final
    assert form_of(final, "/rating")  # the new result may be marked again


async def test_one_press_or_two_is_one_message(
    client: httpx.AsyncClient, station: LiaisonStation, database: Database, tenant: Tenant
) -> None:
    form = form_of(await page(client, await speak(client, station.code)), "/messages")
    both = await asyncio.gather(*(send(client, form, content="补充一句") for _ in "12"))
    assert [answer.status_code for answer in both] == [303, 303]
    async with database.unit(tenant) as tx:
        assert len((await tx.exec(select(OpinionMessage))).all()) == 1


@pytest.mark.parametrize(
    ("act", "values", "told", "kept"),
    [
        ("messages", {"content": "  "}, "请写下您要说的话", None),
        ("messages", {"content": "多" * 5001}, "最多 5000 字，现有 5001 字", "content"),
        ("rating", {"comment": "好"}, "请选一个：满意、基本满意，还是不满意", "comment"),
        ("rating", {"satisfied": "satisfied", "comment": "长" * 1001}, "最多 1000 字", "comment"),
        ("reopening", {"reason": ""}, "请写下哪里没有解决", None),
    ],
)
async def test_each_mistake_comes_back_with_what_was_typed(
    client: httpx.AsyncClient,
    county: County,
    station: LiaisonStation,
    act: str,
    values: dict[str, str],
    told: str,
    kept: str | None,
) -> None:
    receipt = await speak(client, station.code)
    if act != "messages":
        await office(client, county, "answer", {"content": "已修好。"})
    shown = form_of(await page(client, receipt), f"/{act}")
    refused = await send(client, shown, **values)
    assert refused.status_code == 422
    assert told in refused.text
    again = form_of(refused.text, f"/{act}")
    assert again.values["key"] == shown.values["key"]
    if kept:
        assert again.values[kept] == values[kept]


async def test_act_that_came_too_late_is_a_page_that_leads_back(
    client: httpx.AsyncClient, county: County, station: LiaisonStation
) -> None:
    receipt = await speak(client, station.code)
    form = form_of(await page(client, receipt), "/messages")
    await office(client, county, "answer", {"content": "已修好。"})
    late = await send(client, form, content="还有一句")
    assert late.status_code == 409
    assert "环节已变动" in late.text
    assert f'href="/o/{receipt}"' in late.text


@pytest.mark.parametrize("how", ["plain", "dashed", "small", "wide", "address"])
async def test_receipt_is_found_however_it_is_given(
    client: httpx.AsyncClient, station: LiaisonStation, how: str
) -> None:
    receipt = await speak(client, station.code)
    given = {
        "plain": receipt,
        "dashed": f" {receipt[:4]}-{receipt[4:8]} {receipt[8:]} ",
        "small": receipt.lower(),
        "wide": "".join(chr(ord(c) + 0xFEE0) for c in receipt),
        "address": f"https://lianluo.example/o/{receipt}?new=1&big=1",
    }[how]
    found = await client.post("/o", data={"receipt": given})
    assert (found.status_code, found.headers["location"]) == (303, f"/o/{receipt}")


@pytest.mark.parametrize("typed", ["", "回执", "-", "\0"])
async def test_nothing_like_a_receipt_asks_again(
    client: httpx.AsyncClient, county: County, typed: str
) -> None:
    asked = await client.post("/o", data={"receipt": typed})
    assert asked.status_code == 404
    assert "没有找到这个回执" in asked.text
    assert form_of(asked.text, "/o")


async def test_unknown_receipts_are_pages_never_repeated_back_and_soon_held_up(
    app: FastAPI, client: httpx.AsyncClient, station: LiaisonStation
) -> None:
    receipt = await speak(client, station.code)
    app.state.budgets = replace(app.state.budgets, receipts=Budget(2, 600))
    for _ in "12":
        unknown = await client.get("/o/WRONGWRONGWRONG23456")
        assert unknown.status_code == 404
        assert "没有找到这个回执" in unknown.text
    held = await client.get(f"/o/{receipt}")
    assert held.status_code == 429
    assert int(held.headers["retry-after"]) > 0
    assert "请稍等一会儿" in held.text


async def test_receipts_first_page_kept_as_a_favourite_later_shows_where_things_stand(
    client: httpx.AsyncClient, station: LiaisonStation, clock: MovableClock
) -> None:
    receipt = await speak(client, station.code)
    assert "收到了，谢谢您" in (await client.get(f"/o/{receipt}?new=1")).text
    clock.pass_(hours=1)
    later = (await client.get(f"/o/{receipt}?new=1")).text
    assert "办理经过" in later
    assert WORDS in later


async def test_a_passed_day_is_admitted(
    client: httpx.AsyncClient, station: LiaisonStation, clock: MovableClock
) -> None:
    receipt = await speak(client, station.code)
    assert "最迟 <b>2026年11月30日</b> 有下一步" in await page(client, receipt)
    clock.pass_(days=6)
    assert "本该在 2026年11月30日 前有下一步，现在晚了，对不起" in await page(client, receipt)


async def test_page_of_one_county_knows_no_receipt_of_another(
    client: httpx.AsyncClient, station: LiaisonStation
) -> None:
    receipt = await speak(client, station.code)
    elsewhere = await client.get(f"http://beta.test/o/{receipt}")
    assert elsewhere.status_code == 404


async def test_every_page_forbids_keeping_framing_and_foreign_content(
    client: httpx.AsyncClient, station: LiaisonStation
) -> None:
    receipt = await speak(client, station.code)
    for path in ("/", f"/s/{station.code}", f"/o/{receipt}", "/o/UNKNOWN", "/s/UNKNOWN"):
        for method in ("GET", "HEAD"):
            answer = await client.request(method, path)
            assert {name: answer.headers[name] for name in HEADERS} == HEADERS
            assert answer.headers["referrer-policy"] == "no-referrer"


async def test_error_of_ours_is_a_page_with_a_number_and_no_word_of_the_cause(
    app: FastAPI, client: httpx.AsyncClient, station: LiaisonStation
) -> None:
    async def broken() -> None:
        raise RuntimeError("secret cause")

    app.state.now = broken
    answer = await client.get(f"/s/{station.code}", headers={"X-Request-ID": "request-4711"})
    assert answer.status_code == 500
    assert "request-4711" in answer.text
    assert "secret" not in answer.text


async def test_home_lists_stations_in_the_demo_only(
    app: FastAPI, client: httpx.AsyncClient, station: LiaisonStation
) -> None:
    real = (await client.get("/")).text
    assert station.name not in real
    assert form_of(real, "/o")
    app.state.settings = app.state.settings.model_copy(update={"demo": True})
    demo = (await client.get("/")).text
    assert f'href="/s/{station.code}"' in demo
    assert "演示数据" in demo


async def test_style_and_script_are_kept_for_ever_under_the_address_the_pages_name(
    client: httpx.AsyncClient, county: County
) -> None:
    address = (await client.get("/")).text.split('rel="stylesheet" href="')[1].split('"')[0]
    named, bare = await client.get(address), await client.get(address.partition("?")[0])
    assert named.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "cache-control" not in bare.headers


def test_every_act_on_the_residents_timeline_has_words() -> None:
    assert set(ACT_WORDS) >= {str(act) for act in PUBLIC}


@pytest.mark.parametrize(
    ("typed", "receipt"),
    [("k7qm-2wxh", "K7QM2WXH"), ("http://a.b/o/K7QM?big=1", "K7QM"), ("Ｋ７Ｑ", "K7Q"), ("A" * 99, "A" * 64)],
)
def test_receipt_as_typed_becomes_plain(typed: str, receipt: str) -> None:
    assert plain(typed) == receipt
