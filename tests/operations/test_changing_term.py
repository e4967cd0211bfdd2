"""换届 in a congress with suggestions in every state: seats end, leads go on, nothing else moves."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.models import Membership
from app.directory import service as directory
from app.directory.models import Congress, Delegate, Person
from app.directory.service import Seat
from app.infra.audit import AuditRow
from app.infra.db import Database, sql
from app.infra.tenants import Tenant
from app.operations.changing_term import (
    Fate,
    TermBeginsLater,
    TermChange,
    TermNotNew,
    TermWithoutSeats,
    change_term,
)
from app.operations.verifying_clocks import clocks_match_states, duties_looked_at
from app.operations.verifying_due_dates import due_dates
from app.suggestions import queries
from app.suggestions.models import Suggestion
from app.suggestions.oversight_models import StandingAuthorisation
from app.suggestions.states import State
from tests.conftest import NOW
from tests.people import County, post
from tests.suggestions.conftest import seat_delegate
from tests.suggestions.desk import PROMISING, REPLY, TALK, Desk

TODAY = date(2026, 11, 25)
GOOD, BAD = {"overall": "satisfied"}, {"overall": "unsatisfied", "comment": "没有动工"}
WHY = {"reason": "理由"}


@dataclass
class Town:
    """甲镇 with a suggestion of alice's in each state; `bao` and `eve` sign some of them."""

    database: Database
    tenant: Tenant
    county: County

    @asynccontextmanager
    async def tried(self, *chosen: str) -> AsyncIterator[tuple[AsyncSession, TermChange]]:
        """A change to term 19 for which these were chosen, undone at the end."""
        async with self.database.unit(self.tenant) as tx:
            await self.choose(tx, *chosen)
            yield tx, await self.change(tx)
            await tx.rollback()

    async def choose(self, tx: AsyncSession, *names: str) -> None:
        congress = await tx.get_one(Congress, self.county.congress_id)
        for name in names:
            person = (await tx.exec(select(Person).where(Person.name == name))).first()
            phone = {"alice": "13800000001", "bao": "13800000011", "eve": "13800000012"}.get(name)
            await directory.seat(tx, congress, Seat(name=name, term=19, phone=phone if person else None))

    async def change(self, tx: AsyncSession, **more: Any) -> TermChange:
        congress = await tx.get_one(Congress, self.county.congress_id)
        return await change_term(tx, congress, **{"term": 19, "on": TODAY, "now": NOW, **more})


async def by_act(desk: Desk, *acts: tuple[str, str, Any]) -> None:
    for who, act, body in acts:
        await desk.done(who, act, body)


@pytest.fixture
async def town(client: httpx.AsyncClient, database: Database, tenant: Tenant, county: County) -> Town:
    """Three delegates, and suggestions that wait for signers or have them."""
    for name, phone in (("bao", "13800000011"), ("eve", "13800000012")):
        await seat_delegate(database, tenant, county, name, phone)
    await _signed(client, county)
    return Town(database, tenant, county)


@pytest.fixture
async def full_town(client: httpx.AsyncClient, town: Town) -> Town:
    """And one in each state: it takes seconds to get there."""
    await _every_state(client, town.county)
    return town


async def _every_state(client: httpx.AsyncClient, county: County) -> None:
    def desk() -> Desk:
        return Desk(client, county)

    await desk().drafted(title="draft")
    target = await desk().submitted(title="submitted")
    for title, end in (
        ("merged", {"decision": "merge", "into_id": target.at.rpartition("/")[2]}),
        ("transferred", {"decision": "transfer", "to": "信访局", "reason": "属于信访"}),
    ):
        await (await desk().submitted(title=title)).done("chen", "review", end)
    await (await desk().submitted(title="withdrawn")).done("alice", "withdrawal", WHY)
    await desk().accepted(title="accepted")
    await desk().assigned(title="assigned")
    await (await desk().assigned(title="return_requested")).done("bob", "return-request", WHY)
    await desk().handling(title="handling")
    drafted = await desk().handling(title="reply_drafted")
    await by_act(drafted, ("bob", "contacts", TALK), ("bob", "reply-draft", REPLY))
    await (await desk().handling(title="replied")).answered()
    rejected = await (await desk().handling(title="rejected")).answered()
    await rejected.done("alice", "evaluation", BAD)
    conference = await (await desk().handling(title="conference")).answered()
    decision = {"decision": "conference", "reason": "当面商量"}
    await by_act(conference, ("alice", "evaluation", BAD), ("chen", "rejection-decision", decision))
    committed = await (await desk().handling(title="committed")).answered(PROMISING)
    await committed.done("alice", "evaluation", GOOD)
    for title in ("closed", "archived"):
        file = await (await desk().handling(title=title)).answered()
        await file.done("alice", "evaluation", GOOD)
    await by_act(file, ("carol", "publication", {"public": True}), ("chen", "publication-approval", None))


async def _signed(client: httpx.AsyncClient, county: County) -> None:
    """Signed: bao agreed; half signed: bao agreed and eve has not answered; by bao: bao leads."""
    bao, eve = str(county.seats["bao"]), str(county.seats["eve"])
    signed = await Desk(client, county).drafted(title="signed", cosigner_ids=[bao])
    await by_act(signed, ("alice", "submission", None), ("bao", "cosignature", {"agree": True}))
    half = await Desk(client, county).drafted(title="half signed", cosigner_ids=[bao, eve])
    await by_act(half, ("alice", "submission", None), ("bao", "cosignature", {"agree": True}))
    declined = await Desk(client, county).drafted(title="declined", cosigner_ids=[bao])
    await by_act(declined, ("alice", "submission", None), ("bao", "cosignature", {"agree": False}))
    waiting = await Desk(client, county).drafted(title="cosigning", cosigner_ids=[bao])
    await waiting.done("alice", "submission")
    await Desk(client, county).submitted(title="alone")


async def leads(tx: AsyncSession) -> dict[str, tuple[str, bool]]:
    """title → (lead, nobody evaluates)."""
    return {row.title: (row.delegate_name, row.no_evaluator) for row in await tx.exec(select(Suggestion))}


OVER = {"closed", "archived", "withdrawn", "transferred"}
KEPT = text("""
    SELECT (SELECT count(*) FROM evaluations) AS marks, (SELECT count(*) FROM replies) AS replies,
           (SELECT count(*) FROM commitments) AS promises,
           (SELECT count(*) FROM deadlines WHERE stopped_at IS NULL) AS running,
           (SELECT array_agg(title || ' ' || state ORDER BY title) FROM suggestions) AS states""")


async def test_in_whatever_state_the_lead_goes_on_or_is_followed_and_nothing_is_lost(full_town: Town) -> None:
    async with full_town.database.unit(full_town.tenant) as tx:
        before = (await sql(tx, KEPT)).one()
        assert set(await tx.exec(select(Suggestion.state))) == set(State)

    await _all_chosen_again(full_town, before)
    await _only_bao_chosen_again(full_town)


async def _all_chosen_again(town: Town, before: Any) -> None:
    async with town.tried("alice", "bao", "eve") as (tx, done):
        assert (await sql(tx, KEPT)).one() == before
        assert {item.fate for item in done.moved} == {Fate.RESEATED}
        assert {lead for lead, _ in (await leads(tx)).values()} == {"alice"}
        for check in (clocks_match_states, duties_looked_at, due_dates):
            assert await check(tx, NOW) == []
        seats = select(Suggestion.title, Delegate.term).join(
            Delegate, col(Delegate.id) == col(Suggestion.delegate_id)
        )
        assert {title for title, term in await tx.exec(seats) if term == 18} == OVER


async def _only_bao_chosen_again(town: Town) -> None:
    async with town.tried("bao") as (tx, done):
        fates = {item.title: item.fate for item in done.moved}
        told = await leads(tx)
        for check in (clocks_match_states, due_dates):
            assert await check(tx, NOW) == []

    assert (fates["draft"], fates["cosigning"]) == (Fate.DRAFT_KEPT, Fate.STILL_COSIGNING)
    alone = set(State) - {"draft", "cosigning"} - OVER
    without = {title for title, fate in fates.items() if fate is Fate.NO_EVALUATOR}
    assert without == alone | {"alone", "declined"}
    assert {told[title] for title in without} == {("alice", True)}
    assert {told[title] for title in OVER} == {("alice", False)}


async def test_the_next_who_signed_leads_and_who_has_not_answered_is_asked_no_more(town: Town) -> None:
    async with town.tried("bao") as (tx, done):
        fates = {item.title: item.fate for item in done.moved}
        told = await leads(tx)
        states = {row.title: row.state for row in await tx.exec(select(Suggestion))}

    assert (fates["signed"], told["signed"]) == (Fate.SUCCEEDED, ("bao", False))
    assert (fates["half signed"], told["half signed"]) == (Fate.SUCCEEDED, ("bao", False))
    assert (done.unasked, states["half signed"]) == (1, State.SUBMITTED)
    assert (fates["declined"], told["declined"]) == (Fate.NO_EVALUATOR, ("alice", True))


async def test_old_seats_end_their_posts_go_and_other_congresses_stay(town: Town) -> None:
    async with town.tried("bao") as (tx, done):
        left = {seat.id: seat.left_on for seat in await tx.exec(select(Delegate).where(Delegate.term == 18))}
        posts = set(await tx.exec(select(Membership.delegate_id).where(Membership.role == "delegate")))

    seats = town.county.seats
    assert done.seats_ended == 3
    assert [left[seats[name]] for name in ("alice", "bao", "eve", "dave")] == [TODAY, TODAY, TODAY, None]
    assert posts & set(seats.values()) == {seats["dave"]}


async def test_the_chosen_one_acts_from_the_new_seat_and_the_gone_one_no_more(
    client: httpx.AsyncClient, town: Town
) -> None:
    async with town.database.unit(town.tenant) as tx:
        await town.choose(tx, "bao")
        await town.change(tx)
        [signed] = await tx.exec(select(Suggestion).where(Suggestion.title == "signed"))
    draft = {"title": "新建议", "situation": "情况", "proposal": "建议"}

    mine = await post(client, "/api/v1/suggestions", town.county["bao"], draft)
    theirs = await post(client, "/api/v1/suggestions", town.county["alice"], draft)
    withdrawn = await post(client, f"/api/v1/suggestions/{signed.id}/withdrawal", town.county["bao"], WHY)

    assert (mine.status_code, theirs.status_code, withdrawn.status_code) == (201, 403, 200)


async def test_a_second_run_changes_nothing_and_a_seat_entered_late_is_taken_up(town: Town) -> None:
    async with town.tried("bao") as (tx, _):
        audits = select(AuditRow.actor).where(AuditRow.action == "congress.term-change")
        assert len((await tx.exec(audits)).all()) == 1

        again = await town.change(tx)
        assert ((await tx.exec(audits)).all(), again.anything) == (["system"], False)
        assert [item.fate for item in again.moved] == [Fate.STILL_COSIGNING]

        await town.choose(tx, "alice")
        late = await town.change(tx)
        assert {item.fate for item in late.moved} == {Fate.RESEATED}
        told = await leads(tx)
        assert (told["alone"], told["signed"]) == (("alice", False), ("bao", False))


async def test_what_the_old_presidium_allowed_ends_with_it(town: Town) -> None:
    async with town.database.unit(town.tenant) as tx:
        for act, since in (("assignment", date(2026, 1, 1)), ("review", TODAY)):
            tx.add(
                StandingAuthorisation(
                    congress_id=town.county.congress_id,
                    act=act,
                    valid_from=since,
                    valid_until=date(2028, 1, 1),
                    minutes_no="纪要1号",
                )
            )
    async with town.tried("bao") as (tx, done):
        of = town.county.congress_id
        held = [await queries.authorised(tx, of, act, on=TODAY) for act in ("assignment", "review")]

    assert (held, done.authorisations_ended) == ([False, True], 1)


async def test_a_term_that_is_over_empty_or_to_come_is_refused(town: Town) -> None:
    async with town.database.unit(town.tenant) as tx:
        with pytest.raises(TermNotNew):
            await town.change(tx, term=17)
        with pytest.raises(TermWithoutSeats):
            await town.change(tx)
        with pytest.raises(TermBeginsLater):
            await town.change(tx, on=date(2026, 11, 26))
