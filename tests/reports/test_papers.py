"""Papers to print, sign and stamp: what they say, whose they are, and their scans back in the file."""

import io
import re
from pathlib import Path
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree
from zipfile import ZipFile

import httpx
import pytest
from fastapi import FastAPI

from app.infra.db import Database
from app.infra.tenants import Tenant
from app.reports.blanks import BLANKS, TEMPLATES, written
from app.reports.paper_kinds import NOT_FOR_UNITS, OF_THE_CONGRESS, PaperKind
from app.settings import Settings
from tests.people import get, post
from tests.stations.network import a_photo
from tests.suggestions.desk import PROMISING, TALK, Desk


def words_of(content: bytes) -> str:
    """The document's text, a line for each paragraph; it must be well-formed."""
    with ZipFile(io.BytesIO(content)) as package:
        root = ElementTree.fromstring(package.read("word/document.xml"))
    w = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    lines = ["".join(t.text or "" for t in p.iter(f"{w}t")) for p in root.iter(f"{w}p")]
    return "\n".join(lines)


async def asked(desk: Desk, who: str, kind: str, query: str = "") -> httpx.Response:
    return await get(desk.client, f"{desk.at}/papers/{kind}.docx{query}", desk.county[who])


async def printed(desk: Desk, who: str, kind: str, query: str = "") -> str:
    answer = await asked(desk, who, kind, query)
    assert answer.status_code == 200, answer.text
    words = words_of(answer.content)
    assert not re.search(r"\{\{|\{%|None", words), words
    return words


async def everything(desk: Desk) -> None:
    """A file in which every paper has something to say."""
    await desk.handling()
    await desk.done("bob", "return-request", {"reason": "不属我局职责"})
    await desk.done("chen", "return-decision", {"agree": False, "reason": "属你局职责"})
    await desk.done("bob", "acceptance")
    await desk.done("bob", "extension-request", {"until": "2027-04-30", "reason": "工程复杂"})
    await desk.done("chen", "extension-decision", {"agree": True, "reason": "同意"})
    await desk.done("carol", "supervisions", {"kind": "urge", "note": "请加快办理"})
    await desk.answered(PROMISING)
    bad = {"overall": "unsatisfied", "comment": "渠道没有动工", "reason_may_reach_unit": True}
    await desk.done("alice", "evaluation", bad)
    await desk.done("chen", "rejection-decision", {"decision": "rehandle", "reason": "重新办理"})
    await desk.answered()
    await desk.done("alice", "evaluation", {"overall": "unsatisfied", "comment": "仍未动工"})
    await desk.done("chen", "rejection-decision", {"decision": "conference", "reason": "会商"})
    minutes = {
        "held_on": "2026-11-25",
        "participants": ["镇人大", "alice"],
        "result": "closed",
        "delegate_position": "disagrees",
    }
    await desk.done("carol", "conference-record", minutes)


SAID = {
    PaperKind.REGISTRATION: ("关于修缮甲镇灌溉水渠的建议", "alice", "闭会期间"),
    PaperKind.ASSIGNMENT_LETTER: ("县水务局：", "交你单位主办", "2027年"),
    PaperKind.RETURN_APPROVAL: ("不属我局职责", "不同意", "属你局职责"),
    PaperKind.EXTENSION_APPROVAL: ("工程复杂", "2027年4月30日"),
    PaperKind.MEETING_RECORD: ("现场查看了东片水渠", "2026-11-20 10:00"),
    PaperKind.REPLY_LETTER: ("三月底前完工", "已解决", "A"),
    PaperKind.OPINION_FORM: ("□ 满意", "不得代填"),
    PaperKind.REHANDLING_NOTICE: ("第 2 轮", "渠道没有动工"),
    PaperKind.SUPERVISION_LETTER: ("请加快办理", "催办"),
    PaperKind.CONFERENCE_MINUTES: ("镇人大、alice", "终结办理", "不同意"),
    PaperKind.FILE_CONTENTS: ("代表建议原文", "答复（第 2 轮）"),
}


async def test_every_paper_says_what_happened_and_each_to_whom_it_belongs(desk: Desk) -> None:
    await everything(desk)
    for kind in PaperKind:
        words = await printed(desk, "carol", kind)
        assert all(word in words for word in SAID[kind]), (kind, words)
        for who in ("bob", "gina"):
            allowed = kind not in NOT_FOR_UNITS
            assert (await asked(desk, who, kind)).status_code == (200 if allowed else 403), (who, kind)
        of_leaders = kind not in OF_THE_CONGRESS
        assert (await asked(desk, "lena", kind)).status_code == (200 if of_leaders else 403), kind
        assert (await asked(desk, "alice", kind)).status_code == 200, kind
        assert (await asked(desk, "dave", kind)).status_code == 404, kind


async def test_no_paper_tells_a_unit_that_its_reply_was_judged(desk: Desk) -> None:
    await desk.replied(PROMISING)

    async def readable() -> dict[str, Any]:
        answers = {kind: await asked(desk, "bob", kind) for kind in PaperKind}
        return {
            kind: words_of(a.content) if a.status_code == 200 else a.json()["code"]
            for kind, a in answers.items()
        }

    before = await readable()
    await desk.done("alice", "evaluation", {"overall": "unsatisfied", "comment": "渠道没有动工"})
    assert await readable() == before
    await desk.done("chen", "rejection-decision", {"decision": "conference", "reason": "先会商"})
    assert await readable() == before


async def test_a_paper_whose_step_has_not_come_is_refused(desk: Desk) -> None:
    await desk.submitted()
    for kind in set(PaperKind) - {PaperKind.REGISTRATION, PaperKind.FILE_CONTENTS}:
        answer = await asked(desk, "carol", kind)
        assert (answer.status_code, answer.json()["code"]) == (409, "paper-not-ready"), kind
    assert (await asked(desk, "carol", "nonsense")).status_code == 422


async def test_a_confidential_item_names_nobody_to_the_unit(desk: Desk) -> None:
    await desk.handling(confidential=True)
    await desk.answered()
    for kind in (PaperKind.REGISTRATION, PaperKind.ASSIGNMENT_LETTER, PaperKind.REPLY_LETTER):
        assert "alice" not in await printed(desk, "bob", kind), kind
        assert "alice" in await printed(desk, "carol", kind), kind


async def test_what_people_wrote_is_neither_markup_nor_a_tag(desk: Desk) -> None:
    wild = "<b>&amp; {{ 7 * 7 }} {% raw %}\n第二行"
    await desk.submitted(situation=wild, title="标题 <w:br/> & {{ number }}")
    words = await printed_raw(desk)
    assert "标题 <w:br/> & {{ number }}" in words
    assert "<b>&amp; {{ 7 * 7 }} {% raw %}第二行" in words


async def printed_raw(desk: Desk) -> str:
    return words_of((await asked(desk, "carol", "registration")).content)


async def test_the_list_of_assignments_is_the_register_on_paper(desk: Desk) -> None:
    await desk.assigned()
    await desk.handling()
    carol = desk.county["carol"]
    answer = await get(desk.client, "/api/v1/papers/assignment-list.docx", carol)
    words = words_of(answer.content)
    assert words.count("县水务局") == 2
    none = await get(desk.client, "/api/v1/papers/assignment-list.docx?state=closed", carol)
    assert "县水务局" not in words_of(none.content)


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    return settings.model_copy(update={"papers_dir": tmp_path / "papers", "demo": True})


TITLE = "代表建议、批评和意见登记表"


def put_in_place(settings: Settings, text: str, below: str = "") -> Path:
    """The shipped 登记表 with other words for its title, as an office's own."""
    assert settings.papers_dir is not None
    place = settings.papers_dir / below
    place.mkdir(parents=True, exist_ok=True)
    path = place / "registration.docx"
    with ZipFile(TEMPLATES / "registration.docx") as shipped, ZipFile(path, "w") as own:
        for name in shipped.namelist():
            content = shipped.read(name).decode()
            assert name != "word/document.xml" or TITLE in content
            own.writestr(name, content.replace(TITLE, text))
    return path


async def test_an_office_puts_its_own_template_in_place(desk: Desk, settings: Settings) -> None:
    await desk.accepted()
    assert "演示数据" in await printed(desk, "carol", "registration")
    # as Word leaves it when the cursor once stood in the tag
    again = "</w:t></w:r><w:r><w:t>"
    cut = f"本镇登记表 {{{again}{{ num</w:t></w:r><w:proofErr/><w:r><w:t>ber }}{again}}}"
    path = put_in_place(settings, cut, "alpha")
    assert "本镇登记表 第18届闭会第1号" in await printed(desk, "carol", "registration")
    put_in_place(settings, "另一县的表", "beta")
    assert "本镇登记表" in await printed(desk, "carol", "registration")
    path.write_bytes(b"no zip")
    answer = await asked(desk, "carol", "registration")
    assert (answer.status_code, answer.json()["code"]) == (409, "paper-template-broken")


@pytest.mark.parametrize(
    "tag",
    [
        "{{ nothing }}",
        "{% for %}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ title.__init__.__globals__ }}",
        "{{ rows.append(1) }}",
    ],
)
async def test_a_template_can_run_nothing(desk: Desk, settings: Settings, tag: str) -> None:
    await desk.submitted()
    put_in_place(settings, tag)
    answer = await asked(desk, "carol", "registration")
    assert (answer.status_code, answer.json()["code"]) == (409, "paper-template-broken"), answer.text
    assert "模板中的标签有误" in answer.json()["detail"]


def test_the_shipped_templates_are_what_the_script_writes() -> None:
    assert {path.name for path in TEMPLATES.iterdir()} == {name for name, _ in written()}
    for name, content in written():
        assert (TEMPLATES / name).read_bytes() == content, "run `python -m app.reports.blanks`"
    assert set(PaperKind) <= set(BLANKS)


async def sent(desk: Desk, who: str, database: Database, tenant: Tenant, **more: Any) -> httpx.Response:
    scan = await a_photo(database, tenant, f"account:{desk.county[who].account_id}")
    body = {"kind": "reply_letter", "doc_no": "水函〔2026〕9号", "dated": "2026-11-25", "sealed": True}
    return await post(
        desk.client, f"{desk.at}/papers", desk.county[who], {**body, "upload_id": str(scan), **more}
    )


async def seen_papers(desk: Desk, who: str) -> list[str]:
    answer = await get(desk.client, f"{desk.at}/papers", desk.county[who])
    assert answer.status_code == 200, answer.text
    return [paper["kind"] for paper in answer.json()["items"]]


async def test_scans_are_filed_and_seen_by_those_they_belong_to(
    desk: Desk, database: Database, tenant: Tenant
) -> None:
    await desk.replied()
    assert (await sent(desk, "bella", database, tenant)).status_code == 201
    assert (await sent(desk, "carol", database, tenant, kind="assignment_letter")).status_code == 201
    assert (await sent(desk, "carol", database, tenant, kind="opinion_form")).status_code == 201
    for who in ("carol", "chen", "alice"):
        assert await seen_papers(desk, who) == ["reply_letter", "assignment_letter", "opinion_form"], who
    assert await seen_papers(desk, "bob") == ["reply_letter"]
    for who in ("lena", "gina"):
        assert await seen_papers(desk, who) == [], who
    assert "水函〔2026〕9号" in await printed(desk, "carol", "file_contents")


async def test_who_may_not_file_what_is_refused(desk: Desk, database: Database, tenant: Tenant) -> None:
    await desk.replied()
    for who, kind in (("bob", "opinion_form"), ("alice", "reply_letter"), ("gina", "reply_letter")):
        answer = await sent(desk, who, database, tenant, kind=kind)
        assert (answer.status_code, answer.json()["code"]) == (403, "paper-not-yours"), who
    assert (await sent(desk, "bruno", database, tenant)).status_code == 404
    future = await sent(desk, "carol", database, tenant, dated="2026-11-26")
    assert (future.status_code, future.json()["code"]) == (422, "paper-dated-in-future")
    stolen = await sent(desk, "carol", database, tenant, upload_id=str(uuid4()))
    assert stolen.json()["code"] == "upload-unknown"
    await desk.done("alice", "evaluation", {"overall": "satisfied"})
    await desk.done("carol", "publication", {"public": True})
    await desk.done("chen", "publication-approval")
    closed = await sent(desk, "carol", database, tenant)
    assert (closed.status_code, closed.json()["code"]) == (409, "paper-file-closed")


async def test_the_yearly_report_prints_its_own_words(desk: Desk, app: FastAPI) -> None:
    await desk.handling()
    await desk.done("bob", "contacts", TALK)
    body = {"congress_id": str(desk.county.congress_id), "period": "2026"}
    report = await post(desk.client, "/api/v1/handling-reports", desk.county["carol"], body)
    path = f"/api/v1/handling-reports/{report.json()['id']}/report.docx"
    words = words_of((await get(desk.client, path, desk.county["carol"])).content)
    assert "意见 1 件" in words
    assert "演示数据" in words
    assert (await get(desk.client, path, desk.county["bob"])).status_code == 404
