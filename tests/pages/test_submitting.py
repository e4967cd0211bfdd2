"""The form of a station's page by HTTP: what is sent arrives once, and what is refused is not lost."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from sqlmodel import select
from structlog.testing import capture_logs

from app.accounts import tokens
from app.infra.crypto import vault_of
from app.infra.db import Database
from app.infra.ratelimit import Budget
from app.infra.tenants import Tenant
from app.kernel.clock import machine_now
from app.opinions.models import Opinion
from app.opinions.receiving import contact_of
from app.stations.models import LiaisonStation
from app.uploads import service
from app.uploads.models import Upload
from tests.conftest import MovableClock
from tests.pages.surfing import WORDS, form_of, open_form, photo, press, receipt_of, speak
from tests.uploads.pictures import SECRET, talkative_jpeg

with_photos = pytest.mark.usefixtures("decoding")
TOO_LARGE = ("远景.jpg", b"\xff\xd8\xff" + bytes(11 * 1024 * 1024))


async def opinions(database: Database, tenant: Tenant) -> Sequence[Opinion]:
    async with database.unit(tenant) as tx:
        return (await tx.exec(select(Opinion))).all()


async def uploads(database: Database, tenant: Tenant) -> Sequence[Upload]:
    async with database.unit(tenant) as tx:
        return (await tx.exec(select(Upload).order_by(Upload.created_at))).all()  # type: ignore[arg-type]


@with_photos
async def test_from_form_to_receipt_with_photos_in_order(
    client: httpx.AsyncClient, station: LiaisonStation, database: Database, tenant: Tenant
) -> None:
    form = await open_form(client, station.code)
    sent = await press(
        client,
        form,
        photo("一.jpg", side=64),
        photo("二.jpg", side=96),
        content="第一行\n第二行",
        category="roads",
        place="村东",
        contact_name="王小明",
        contact_phone="138 0000 1234",
        share_with_unit="true",
        route="township",
        confidential="true",
    )
    assert sent.status_code == 303, sent.text
    receipt = receipt_of(sent)
    assert sent.headers["location"] == f"/o/{receipt}?new=1"

    [opinion] = await opinions(database, tenant)
    said = (opinion.content, opinion.category, opinion.place, opinion.audience, opinion.confidential)
    assert said == ("第一行\n第二行", "roads", "村东", "township", True)
    async with database.unit(tenant) as tx:
        contact = contact_of(tx, opinion)
    assert contact is not None
    assert (contact.name, contact.phone, contact.share_with_unit) == ("王小明", "13800001234", True)

    shown = (await client.get(sent.headers["location"])).text
    for words in (opinion.number, "-".join(receipt[n : n + 4] for n in range(0, 20, 4)), "2026年11月30日"):
        assert words in shown
    assert f"http://alpha.test/o/{receipt}" in shown
    assert "2 张照片也收到了" in shown

    page = (await client.get(f"/o/{receipt}")).text
    first, second = (page.index(str(upload.id)) for upload in await uploads(database, tenant))
    assert first < second
    thumbnail = page.split('<img src="')[1].split('"')[0]
    assert (await client.get(thumbnail)).headers["content-type"] == "image/jpeg"


@with_photos
async def test_photos_lose_what_they_tell_of_the_sender(
    client: httpx.AsyncClient, station: LiaisonStation, database: Database, tenant: Tenant
) -> None:
    receipt = await speak(client, station.code, ("灯.jpg", talkative_jpeg()))
    [upload] = await uploads(database, tenant)
    kept = await client.get(f"/api/public/v1/opinions/{receipt}/photos/{upload.id}")
    assert kept.status_code == 200
    assert SECRET not in kept.content


@with_photos
async def test_pressing_twice_gives_the_same_receipt_and_one_opinion(
    client: httpx.AsyncClient, station: LiaisonStation, database: Database, tenant: Tenant
) -> None:
    form = await open_form(client, station.code)
    first = await press(client, form, photo(), content=WORDS)
    again = await press(client, form, photo(), content=WORDS)
    assert (first.status_code, again.status_code) == (303, 303)
    assert receipt_of(again) == receipt_of(first)
    assert again.headers["cache-control"] == "no-store"
    assert len(await opinions(database, tenant)) == 1


@with_photos
async def test_two_presses_at_the_same_moment_give_the_same_receipt_and_one_opinion(
    client: httpx.AsyncClient, station: LiaisonStation, database: Database, tenant: Tenant
) -> None:
    form = await open_form(client, station.code)
    both = await asyncio.gather(
        *(press(client, form, photo(), photo("二.jpg", side=80), content=WORDS) for _ in "12")
    )
    assert [answer.status_code for answer in both] == [303, 303]
    assert receipt_of(both[0]) == receipt_of(both[1])
    assert len(await opinions(database, tenant)) == 1


async def test_the_same_page_used_for_another_matter_is_told_apart_and_goes_through_when_sent_again(
    client: httpx.AsyncClient, station: LiaisonStation, database: Database, tenant: Tenant
) -> None:
    form = await open_form(client, station.code)
    await press(client, form, content=WORDS)
    other = await press(client, form, content="另一件事：水渠塌了。")
    assert other.status_code == 422
    assert "刚才已经提交过一份意见" in other.text
    sent = await press(client, form_of(other.text, station.code))
    assert sent.status_code == 303
    assert {opinion.content for opinion in await opinions(database, tenant)} == {
        WORDS,
        "另一件事：水渠塌了。",
    }


@with_photos
async def test_refused_form_comes_back_with_its_values_and_its_photos_and_is_received_once_mended(
    client: httpx.AsyncClient, station: LiaisonStation, database: Database, tenant: Tenant
) -> None:
    form = await open_form(client, station.code)
    typed = {
        "content": "\n 先空一行，<b>粗</b>",
        "place": '大坪村"老桥"',
        "category": "water",
        "contact_name": "陈",
        "contact_phone": "1380000",
        "route": "county",
        "confidential": "true",
        "share_with_unit": "true",
    }
    refused = await press(client, form, photo(), **typed)
    assert refused.status_code == 422
    assert "电话号码不正确" in refused.text
    assert 'id="contact_phone-wrong"' in refused.text

    shown = form_of(refused.text, station.code)
    assert {name: shown.values[name] for name in typed} == typed
    [upload] = await uploads(database, tenant)
    assert shown.values["upload_ids"] == str(upload.id)

    sent = await press(client, shown, contact_phone="0766-1234567")
    assert sent.status_code == 303
    assert "1 张照片也收到了" in (await client.get(sent.headers["location"])).text


@with_photos
async def test_photo_chosen_again_beside_the_kept_one_is_there_once(
    client: httpx.AsyncClient, station: LiaisonStation, database: Database, tenant: Tenant
) -> None:
    refused = await press(client, await open_form(client, station.code), photo(), content="")
    sent = await press(client, form_of(refused.text, station.code), photo(), content=WORDS)
    assert "1 张照片也收到了" in (await client.get(sent.headers["location"])).text


@pytest.mark.parametrize(
    ("values", "told", "field"),
    [
        ({"content": " \n "}, "请写下您要说的话", "content"),
        ({"content": "字" * 5001}, "最多 5000 字，现有 5001 字", "content"),
        ({"content": "空\0字"}, "有 1 个无法保存的特殊符号，已替您去掉", "content"),
        ({"place": "处" * 81}, "最多 80 字", "place"),
        ({"category": "no-such"}, "请重新选一个类别", "category"),
        ({"contact_phone": "13800001234"}, "请写个称呼", "contact_name"),
        ({"contact_name": "陈"}, "请填电话", "contact_phone"),
        ({"upload_ids": "no-id"}, "有照片没有收到", "photos"),
        ({"upload_ids": "0198b7a2-7d1f-7c3a-9c55-2f6f0a9f3f11"}, "有照片已过期或不存在", "photos"),
    ],
)
async def test_each_mistake_is_told_beside_its_field(
    client: httpx.AsyncClient,
    station: LiaisonStation,
    database: Database,
    tenant: Tenant,
    values: dict[str, str],
    told: str,
    field: str,
) -> None:
    refused = await press(client, await open_form(client, station.code), **{"content": WORDS, **values})
    assert refused.status_code == 422
    assert f'<p class="wrong" id="{field}-wrong">' in refused.text
    assert told in refused.text
    assert await opinions(database, tenant) == []


async def test_five_thousand_characters_with_the_browsers_line_ends_are_received(
    client: httpx.AsyncClient, station: LiaisonStation, database: Database, tenant: Tenant
) -> None:
    await speak(client, station.code, content="一\n" * 2499 + "二𠮷")
    [opinion] = await opinions(database, tenant)
    assert len(opinion.content) == 5000


async def test_text_with_a_nul_goes_through_when_sent_again(
    client: httpx.AsyncClient, station: LiaisonStation, database: Database, tenant: Tenant
) -> None:
    refused = await press(client, await open_form(client, station.code), content="空\0字")
    sent = await press(client, form_of(refused.text, station.code))
    assert sent.status_code == 303
    assert [opinion.content for opinion in await opinions(database, tenant)] == ["空字"]


@with_photos
async def test_something_else_than_a_photo_is_named_and_the_real_one_kept(
    client: httpx.AsyncClient, station: LiaisonStation
) -> None:
    form = await open_form(client, station.code)
    refused = await press(client, form, photo(), ("说明.txt", b"not a photo"), content=WORDS)
    assert refused.status_code == 422
    assert "“说明.txt”没有收下" in refused.text
    assert "第 1 张照片" in refused.text
    assert form_of(refused.text, station.code).values["content"] == WORDS
    assert (await press(client, form_of(refused.text, station.code))).status_code == 303


@with_photos
async def test_photo_of_eleven_megabytes_is_refused_as_too_large_with_the_limit(
    client: httpx.AsyncClient, station: LiaisonStation, database: Database, tenant: Tenant
) -> None:
    refused = await press(client, await open_form(client, station.code), TOO_LARGE, content=WORDS)
    assert refused.status_code == 413
    assert refused.headers["content-type"] == "text/html; charset=utf-8"
    assert "10 MB" in refused.text
    assert await opinions(database, tenant) == []


@with_photos
async def test_photos_of_usual_phones_together_far_beyond_one_megabyte_are_received(
    client: httpx.AsyncClient, station: LiaisonStation
) -> None:
    name, small = photo()
    large = [(name, small + bytes([n]) * 3_000_000) for n in range(9)]  # what follows the picture is cut off
    sent = await press(client, await open_form(client, station.code), *large, content=WORDS)
    assert sent.status_code == 303
    assert "9 张照片也收到了" in (await client.get(sent.headers["location"])).text


@with_photos
async def test_ten_photos_are_one_too_many(client: httpx.AsyncClient, station: LiaisonStation) -> None:
    ten = [photo(side=20 + n) for n in range(10)]
    refused = await press(client, await open_form(client, station.code), *ten, content=WORDS)
    assert refused.status_code == 422
    assert "最多 9 张照片，您选了 10 张" in refused.text


@with_photos
@pytest.mark.parametrize("token", ["", "forged", None], ids=["missing", "forged", "old"])
async def test_form_whose_token_is_no_longer_good_comes_back_with_its_words_and_a_good_one(
    client: httpx.AsyncClient, station: LiaisonStation, database: Database, tenant: Tenant, token: str | None
) -> None:
    if token is None:
        async with database.unit(tenant) as tx:
            yesterday = machine_now() - timedelta(hours=25)
            token = tokens.sign(vault_of(tx), service.FORM, sub="x", life=service.FORM_LIFE, at=yesterday)
    form = await open_form(client, station.code)
    refused = await press(client, form, photo(), content=WORDS, form_token=token)
    assert refused.status_code == 422
    assert "这一页打开太久了" in refused.text
    again = form_of(refused.text, station.code)
    assert again.values["content"] == WORDS
    assert (await press(client, again, photo())).status_code == 303


@pytest.mark.parametrize("key", ["", "short", "0" * 300], ids=["missing", "short", "long"])
async def test_form_without_a_fit_key_comes_back_with_its_words_and_a_fit_one(
    client: httpx.AsyncClient, station: LiaisonStation, key: str
) -> None:
    refused = await press(client, await open_form(client, station.code), content=WORDS, key=key)
    assert refused.status_code == 422
    assert (await press(client, form_of(refused.text, station.code))).status_code == 303


async def test_flood_is_held_back_with_the_words_kept(
    app: FastAPI, client: httpx.AsyncClient, station: LiaisonStation
) -> None:
    app.state.budgets = replace(app.state.budgets, device=Budget(1, 3600))
    await speak(client, station.code)
    held = await press(client, await open_form(client, station.code), content="第二件")
    assert held.status_code == 429
    assert int(held.headers["retry-after"]) > 0
    assert form_of(held.text, station.code).values["content"] == "第二件"


async def test_database_away_gives_the_words_back_and_they_can_be_sent_once_more(
    app: FastAPI, client: httpx.AsyncClient, station: LiaisonStation, database: Database, tenant: Tenant
) -> None:
    form = await open_form(client, station.code)
    away = Database("postgresql://nobody@127.0.0.1:1/none", keyring=database.keyring)
    away.registry.fill(database.registry.all())
    away.registry.expire()  # a longer outage than the registry is good for
    app.state.database = away
    refused = await press(client, form, content=WORDS, place="村东", confidential="true")
    await away.close()
    app.state.database = database
    assert refused.status_code == 503
    assert "您的意见还没有收到" in refused.text
    sent = await press(client, form_of(refused.text, station.code))
    assert sent.status_code == 303
    [opinion] = await opinions(database, tenant)
    assert (opinion.content, opinion.place, opinion.confidential) == (WORDS, "村东", True)


@pytest.mark.parametrize("code", ["NOSUCH", "%00", "A" * 17, "站"])
async def test_unknown_station_is_a_page_that_leads_home(client: httpx.AsyncClient, code: str) -> None:
    for answer in (await client.get(f"/s/{code}"), await client.post(f"/s/{code}", data={"content": WORDS})):
        assert answer.status_code == 404
        assert "没有找到这个联络站" in answer.text
        assert 'href="/"' in answer.text


async def test_closed_station_says_where_to_go_and_takes_nothing(
    client: httpx.AsyncClient,
    station: LiaisonStation,
    database: Database,
    tenant: Tenant,
    clock: MovableClock,
) -> None:
    form = await open_form(client, station.code)
    async with database.unit(tenant) as tx:
        row = await tx.get_one(LiaisonStation, station.id)
        row.closed_at = clock.now
        tx.add(row)
        other = LiaisonStation(name="第二联络站", tier="station", region_id=station.region_id)
        tx.add(other)
    for answer in (await client.get(f"/s/{station.code}"), await press(client, form, content=WORDS)):
        assert answer.status_code == 410
        assert "这个联络站已经停用" in answer.text
        assert f'href="/s/{other.code}"' in answer.text
    assert await opinions(database, tenant) == []


async def test_code_may_be_typed_in_small_letters(client: httpx.AsyncClient, station: LiaisonStation) -> None:
    assert (await client.get(f"/s/{station.code.lower()}")).status_code == 200


async def test_large_print_goes_along_from_form_to_receipt(
    client: httpx.AsyncClient, station: LiaisonStation
) -> None:
    form = form_of((await client.get(f"/s/{station.code}?big=1")).text, "big=1")
    sent = await press(client, form, content=WORDS)
    assert sent.headers["location"].endswith("?new=1&big=1")
    assert 'class="big"' in (await client.get(sent.headers["location"])).text


async def test_receipts_and_words_are_never_logged(
    client: httpx.AsyncClient, station: LiaisonStation
) -> None:
    with capture_logs() as lines:
        receipt = await speak(client, station.code)
        await client.get(f"/o/{receipt}?new=1")
        await client.get(f"/o/{receipt}")
        await client.get(f"/o/{receipt}X")
    logged = repr(lines)
    assert "/o/{receipt}" in logged
    assert receipt not in logged
    assert WORDS[:8] not in logged
