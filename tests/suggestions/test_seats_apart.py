"""One person, several posts: on one suggestion a person stands on one side, and a filter tells no more
than the page it filters."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from app.accounts import logging_in, service, tokens
from app.accounts import queries as accounts
from app.accounts.actor import Post
from app.accounts.models import AccountId
from app.accounts.permissions import Role, ScopeKind
from app.infra.crypto import vault_of
from app.infra.db import Database
from app.infra.tenants import Tenant
from app.kernel.clock import machine_now
from app.uploads import showing
from app.uploads.models import Upload
from tests.people import Token, get, post
from tests.stations.network import a_photo
from tests.suggestions.desk import PROMISING, Desk

UNSATISFIED = {"overall": "unsatisfied", "comment": "渠道没有动工"}


@pytest.fixture
def open_account(database: Database, tenant: Tenant, desk: Desk) -> Any:
    """`await open_account(name, *posts)`: one more person of the county, logged in."""

    async def opened(name: str, *posts: Post) -> None:
        async with database.unit(tenant) as tx:
            account = await service.open_account(tx, name=name, posts=list(posts))
            issued = await logging_in.start_session(tx, AccountId(account.id))
        desk.county.people[name] = Token(account.id, issued.access_token)

    return opened


def officer(desk: Desk, *, other: bool = False) -> Post:
    unit = desk.county.other_unit_id if other else desk.county.unit_id
    return Post(Role.UNIT_OFFICER, ScopeKind.UNIT, unit, "县水务局")


def clerk(desk: Desk) -> Post:
    return Post(Role.CONGRESS_OFFICE, ScopeKind.TOWNSHIP, desk.county.town_id, "甲镇人大办")


def a_seat(desk: Desk) -> Post:
    """In the congress that received it: one reads what is open there, and no more."""
    return Post(
        Role.DELEGATE, ScopeKind.CONGRESS, desk.county.congress_id, "", desk.county.seats["dave"], "township"
    )


async def sees(desk: Desk, who: str, photo: UUID, database: Database, tenant: Tenant) -> bool:
    """By the one predicate of all photos: no file lies behind this one."""
    async with database.unit(tenant) as tx:
        at = machine_now()
        session = tokens.read_access(vault_of(tx), desk.county[who].access, at=at)
        actor = await accounts.acting(tx, *session, at=at)
        assert actor is not None
        found = await tx.exec(select(Upload.id).where(Upload.id == photo, showing.visible(actor)))
        return found.first() is not None


async def listed(desk: Desk, who: str, query: str) -> list[str]:
    answer = await get(desk.client, f"/api/v1/suggestions?{query}", desk.county[who])
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


async def test_a_second_post_elsewhere_opens_no_filter_on_judged_states(
    desk: Desk, open_account: Any
) -> None:
    await open_account("twin", officer(desk), Post(Role.STATION_KEEPER, ScopeKind.STATION, uuid4(), "某站"))
    await desk.rejected()
    id = desk.at.rpartition("/")[2]
    assert (await desk.seen("twin"))["state"] == "replied"
    assert await listed(desk, "twin", "state=rejected") == []
    assert await listed(desk, "twin", "state=replied") == [id]


async def test_a_step_entered_for_a_confidential_delegate_names_nobody_to_the_unit(desk: Desk) -> None:
    body = {"on_behalf_of": str(desk.county.seats["alice"]), "proxy": {"basis": "in_person", "witness": "李"}}
    made = await post(
        desk.client,
        "/api/v1/suggestions",
        desk.county["carol"],
        {
            "title": "关于水渠的建议",
            "situation": "坍塌。",
            "proposal": "修缮。",
            "confidential": True,
            **body,
        },
    )
    assert made.status_code == 201, made.text
    desk.at = f"/api/v1/suggestions/{made.json()['id']}"
    await desk.done("carol", "submission")
    await desk.done("carol", "review", {"decision": "accept"})
    await desk.done("chen", "assignment", {"lead_unit_id": str(desk.county.unit_id)})
    steps = (await desk.seen("bob", "/steps"))["items"]
    assert [s["on_behalf_of"] for s in steps if s["on_behalf_of"]] == []


async def test_an_impossible_act_tells_the_unit_nothing_of_the_judgement(desk: Desk) -> None:
    await desk.replied()
    body = {"decision": "conference", "reason": "先会商"}
    before = (await desk.act("bob", "acceptance")).json()
    await desk.done("alice", "evaluation", UNSATISFIED)
    rejected = (await desk.act("bob", "acceptance")).json()
    await desk.done("chen", "rejection-decision", body)
    conference = (await desk.act("bob", "acceptance")).json()
    for answer in (before, rejected, conference):
        answer.pop("request_id")
    assert rejected == before
    assert conference == before


async def test_who_is_of_the_unit_and_of_the_office_reads_no_mark_of_his_own_reply(
    desk: Desk, open_account: Any
) -> None:
    await open_account("both", officer(desk), clerk(desk))
    await desk.rejected()
    seen = await desk.seen("both")
    assert seen["evaluations"] == []
    assert seen["state"] == "replied"
    assert [a["judged"] for a in seen["assignments"]] == [None]


async def test_who_is_of_the_unit_and_of_the_office_enters_no_mark_on_his_own_reply(
    desk: Desk, open_account: Any
) -> None:
    await open_account("both", officer(desk), clerk(desk))
    await desk.replied()
    mark = {"overall": "satisfied", "proxy": {"basis": "in_person", "witness": "李"}}
    assert await desk.refused("both", "evaluation", mark) == "recused"


async def test_a_unit_that_has_no_part_in_it_answers_no_supervision(desk: Desk, open_account: Any) -> None:
    seat = a_seat(desk)
    await open_account("erin", officer(desk, other=True), seat)
    await desk.handling()
    seen = await desk.done("carol", "supervisions", {"kind": "urge", "note": "请抓紧"})
    sid = seen["supervisions"][0]["id"]
    assert (await desk.act("erin", f"supervisions/{sid}/feedback", {"content": "已办"})).status_code == 404


async def test_a_government_office_dispatches_only_what_its_own_place_assigned(
    desk: Desk, open_account: Any
) -> None:
    seat = a_seat(desk)
    await open_account("gary", Post(Role.GOVERNMENT_OFFICE, ScopeKind.TOWNSHIP, uuid4(), "乙镇政府办"), seat)
    await desk.assigned()
    answer = await desk.act("gary", "dispatch", {"lead_unit_id": str(desk.county.other_unit_id)})
    assert answer.status_code == 403


async def test_a_scan_of_the_mark_is_seen_by_whoever_reads_marks(
    desk: Desk, database: Database, tenant: Tenant
) -> None:
    await desk.replied()
    scan = await a_photo(database, tenant, f"account:{desk.county['carol'].account_id}")
    signed = {"basis": "signed_paper", "upload_id": str(scan)}
    await desk.done("carol", "evaluation", {**UNSATISFIED, "proxy": signed})
    assert {who for who in desk.county.people if await sees(desk, who, scan, database, tenant)} == {
        "alice",
        "carol",
        "chen",
    }


async def test_photos_of_the_matter_and_of_the_units_evidence_stay_open(
    desk: Desk, database: Database, tenant: Tenant
) -> None:
    photo = await a_photo(database, tenant, f"account:{desk.county['alice'].account_id}")
    await desk.handling(upload_ids=[str(photo)])
    seen = await desk.answered(PROMISING)
    evidence = await a_photo(database, tenant, f"account:{desk.county['bob'].account_id}")
    [promise] = (await seen.seen("bob"))["replies"][0]["commitments"]
    done = {"evidence": "已完工", "upload_ids": [str(evidence)]}
    await desk.done("bob", f"commitments/{promise['id']}/fulfilment", done)
    for who in ("alice", "carol", "bob", "lena"):
        assert await sees(desk, who, photo, database, tenant), who
        assert await sees(desk, who, evidence, database, tenant), who


async def test_pending_approvals_of_the_own_reply_are_hidden(desk: Desk, open_account: Any) -> None:
    await open_account("both", officer(desk), clerk(desk))
    await desk.rejected()
    await desk.done("carol", "rejection-decision", {"decision": "conference", "reason": "先会商"})
    answer = await get(desk.client, "/api/v1/approvals", desk.county["both"])
    assert answer.json()["items"] == []
    assert (await get(desk.client, "/api/v1/approvals", desk.county["chen"])).json()["items"] != []


async def test_overdue_tells_a_unit_nothing_of_the_clocks_of_judging(desk: Desk, clock: Any) -> None:
    await desk.rejected()
    clock.pass_(days=20)  # the review of the rejection is late: the congress's own matter
    assert await listed(desk, "carol", "overdue=true") != []
    assert await listed(desk, "bob", "overdue=true") == []


async def test_no_filter_by_delegate_tells_a_unit_who_raised_a_confidential_matter(desk: Desk) -> None:
    await desk.handling(confidential=True)
    id = desk.at.rpartition("/")[2]
    assert await listed(desk, "bob", "") == [id]
    assert await listed(desk, "bob", f"delegate_id={desk.county.seats['alice']}") == []
    assert await listed(desk, "alice", f"delegate_id={desk.county.seats['alice']}") == [id]


async def test_no_clock_and_no_etag_tells_the_own_unit_of_the_judgement(
    desk: Desk, open_account: Any
) -> None:
    await open_account("both", officer(desk), clerk(desk))
    await desk.replied()

    async def read() -> tuple[Any, Any]:
        answer = await get(desk.client, desk.at, desk.county["both"])
        return answer.headers["etag"], await desk.seen("both", "/deadlines")

    before = await read()
    await desk.done("alice", "evaluation", UNSATISFIED)
    assert await read() == before
