"""Figures with their denominators: what counts, what is left out, who may read it."""

from datetime import date

import pytest

from app.accounts.actor import Post
from app.accounts.permissions import Role, ScopeKind
from app.directory.models import Delegate
from app.infra.db import Database
from app.infra.tenants import Tenant
from app.suggestions.jobs import lapse_evaluations
from tests.conftest import MovableClock
from tests.people import get
from tests.queries import counted
from tests.reports.reading import OVERVIEW, by_key, exported, figures, left_out, listed, overview, share
from tests.stations.network import log_in
from tests.suggestions.desk import PROMISE, PROMISING, REPLY, TALK, Desk


async def silence(desk: Desk, database: Database, tenant: Tenant, clock: MovableClock) -> None:
    """The evaluation's window passes, then the days after the reminder."""
    for days in (60, 30):
        clock.pass_(days=days)
        async with database.unit(tenant) as tx:
            await lapse_evaluations(tx, clock.now)


async def test_silence_is_never_satisfaction(
    desk: Desk, database: Database, tenant: Tenant, clock: MovableClock
) -> None:
    for _ in range(5):
        await desk.replied()
        await desk.done("alice", "evaluation", {"overall": "satisfied"})
    await desk.replied()
    await silence(desk, database, tenant, clock)
    await desk.replied()
    found = await figures(desk, "carol", "?from=2026-01-01&to=2027-12-31")
    assert share(found["evaluation.satisfied"]) == (5, 5)
    assert left_out(found["evaluation.satisfied"]) == {"到期未评价": 1, "仍在评价期": 1}
    assert share(found["evaluation.satisfied_of_all"]) == (5, 6)
    assert share(found["evaluation.silent"]) == (1, 6)
    assert share(found["outcome.solved"]) == (7, 7)


async def test_few_marks_are_withheld_and_the_reason_given(desk: Desk) -> None:
    await desk.replied()
    await desk.done("alice", "evaluation", {"overall": "satisfied", "attitude": "unsatisfied"})
    found = await figures(desk, "carol")
    for key in ("satisfied", "unsatisfied", "satisfied_of_all", "attitude"):
        figure = found[f"evaluation.{key}"]
        assert share(figure) == (None, None), key
        assert "少于 5 件" in figure["withheld"]


async def judged_by_unit(desk: Desk, marks: int) -> None:
    """So many satisfied marks for 县交通局, on top of five for 县水务局."""
    for _ in range(5):
        await desk.replied()
        await desk.done("alice", "evaluation", {"overall": "satisfied"})
    for _ in range(marks):
        await desk.assigned()
        await desk.done("gina", "dispatch", {"lead_unit_id": str(desk.county.other_unit_id)})
        await desk.done("bruno", "acceptance")
        await desk.done("bruno", "contacts", TALK)
        await desk.done("bruno", "reply-draft", REPLY)
        await desk.done("bea", "reply")
        await desk.done("alice", "evaluation", {"overall": "satisfied"})


@pytest.mark.parametrize(("marks", "shown"), [(0, (5, 5)), (2, None)])
async def test_a_few_marks_cannot_be_worked_out_from_the_other_rows(
    desk: Desk, database: Database, tenant: Tenant, marks: int, shown: tuple[int, int] | None
) -> None:
    head = Post(Role.UNIT_HEAD, ScopeKind.UNIT, desk.county.other_unit_id, "县交通局")
    desk.county.people["bea"] = await log_in(database, tenant, "bea", head)
    await judged_by_unit(desk, marks)
    found = await overview(desk, "lena", "?by=unit")
    rows = {row["name"]: by_key(row["figures"]) for row in found["breakdown"]["rows"]}
    water = rows["县水务局"].get("evaluation.satisfied")
    assert (share(water) if water else None) == shown
    assert share(by_key(found["figures"])["evaluation.satisfied"]) == (5 + marks, 5 + marks)


async def test_unevaluated_for_want_of_an_evaluator_is_counted_apart(
    desk: Desk, database: Database, tenant: Tenant
) -> None:
    await desk.replied()
    async with database.unit(tenant) as tx:
        seat = await tx.get_one(Delegate, desk.county.seats["alice"])
        seat.left_on = date(2026, 11, 24)
    await desk.done("carol", "lead-succession", {"reason": "代表已去世"})
    found = await figures(desk, "carol")
    assert share(found["evaluation.nobody"]) == (1, 1)
    assert left_out(found["evaluation.satisfied"]) == {"无评价人": 1}


async def test_still_open_and_overdue_is_not_on_time(desk: Desk, clock: MovableClock) -> None:
    await desk.replied()
    await desk.handling()
    clock.pass_(days=104)
    found = await figures(desk, "carol", "?from=2026-01-01&to=2027-12-31")
    assert share(found["on_time.reply"]) == (1, 2)
    assert share(found["overdue_open.reply"]) == (1, 2)
    days = [share(f)[0] or 0 for key, f in found.items() if key.startswith("lateness.reply")]
    assert sum(days) == 1
    await desk.answered()
    late = await figures(desk, "carol", "?from=2026-01-01&to=2027-12-31")
    assert share(late["on_time.reply"]) == (1, 2)
    assert share(late["overdue_open.reply"]) == (0, 2)


async def test_a_running_clock_is_left_out_and_a_returned_one_too(desk: Desk) -> None:
    await desk.handling()
    await desk.assigned()
    await desk.done("bob", "return-request", {"reason": "不属我局职责"})
    await desk.done("chen", "return-decision", {"agree": True, "reason": "同意"})
    found = await figures(desk, "carol")
    assert share(found["on_time.reply"]) == (0, 0)
    assert left_out(found["on_time.reply"]) == {"未到期": 1, "撤回、退办、并案等不再办理": 1}
    assert share(found["on_time.return_decision"]) == (1, 1)
    assert share(found["handling.return_asked"]) == (1, 2)
    assert share(found["handling.returned"]) == (1, 1)
    assert left_out(found["handling.replied"]) == {"已退办或终止": 1}


async def test_promises_are_counted_by_what_became_of_them(desk: Desk, clock: MovableClock) -> None:
    dues = ("2026-12-31", "2027-01-29", "2027-02-26", "2027-03-31", "2027-12-31")
    await desk.replied({**PROMISING, "commitments": [{**PROMISE, "due_on": due} for due in dues]})
    promises = [c["id"] for c in (await desk.seen("alice"))["replies"][0]["commitments"]]
    kept, late, denied, _overdue, _open = promises
    await desk.done("bob", f"commitments/{kept}/fulfilment", {"evidence": "已完工"})
    await desk.done("alice", f"commitments/{kept}/confirmation", {"kept": True, "seen_how": "site"})
    clock.pass_(days=130)
    for promise, word in ((late, True), (denied, False)):
        await desk.done("bob", f"commitments/{promise}/fulfilment", {"evidence": "已完工"})
        await desk.done("alice", f"commitments/{promise}/confirmation", {"kept": word, "seen_how": "site"})
    found = await figures(desk, "carol", "?from=2026-01-01&to=2027-12-31")
    assert share(found["promises.made"]) == (5, None)
    for key, expected in {"kept_in_time": 1, "kept_late": 1, "denied": 1, "overdue": 1}.items():
        assert share(found[f"promises.{key}"]) == (expected, 4), key
    assert left_out(found["promises.kept_in_time"]) == {"未到期": 1}
    assert share(found["promises.open"]) == (1, 5)


async def test_extension_and_rehandling_are_shares_of_what_was_charged(desk: Desk) -> None:
    await desk.handling()
    await desk.done("bob", "extension-request", {"until": "2027-04-30", "reason": "工程复杂"})
    await desk.done("chen", "extension-decision", {"agree": True, "reason": "同意延期"})
    await desk.rejected()
    await desk.done("chen", "rejection-decision", {"decision": "rehandle", "reason": "重新办理"})
    found = await figures(desk, "carol")
    assert share(found["handling.extended"]) == (1, 2)
    assert share(found["handling.rehandled"]) == (1, 1)


@pytest.mark.parametrize("who", ["alice", "dave"])
async def test_delegates_have_no_rankings_to_look_at(desk: Desk, who: str) -> None:
    assert (await get(desk.client, OVERVIEW, desk.county[who])).status_code == 403


async def test_a_unit_counts_its_own_and_never_how_it_was_judged(desk: Desk) -> None:
    await desk.accepted()
    await desk.done("chen", "assignment", {"lead_unit_id": str(desk.county.other_unit_id)})
    await desk.replied(PROMISING)
    before = [await overview(desk, "bob", query) for query in ("", "?by=unit", "?by=category")]
    assert share(by_key(before[0]["figures"])["suggestions.received"])[0] == 1
    assert [row["name"] for row in before[1]["breakdown"]["rows"]] == ["县水务局"]
    for key, figure in by_key(before[0]["figures"]).items():
        if key.startswith("evaluation"):
            assert figure["numerator"] is None, key
    registers = [await exported(desk, "bob", name=name) for name in ("suggestions", "assignments")]
    await desk.done("alice", "evaluation", {"overall": "unsatisfied", "comment": "没有动工"})
    after = [await overview(desk, "bob", query) for query in ("", "?by=unit", "?by=category")]
    assert after == before
    assert registers == [await exported(desk, "bob", name=name) for name in ("suggestions", "assignments")]


async def test_a_units_officer_who_is_a_delegate_too_reads_as_the_unit(
    desk: Desk, database: Database, tenant: Tenant
) -> None:
    county = desk.county
    seat = Post(Role.DELEGATE, ScopeKind.CONGRESS, county.congress_id, delegate_id=county.seats["dave"])
    desk_of_unit = Post(Role.UNIT_OFFICER, ScopeKind.UNIT, county.unit_id, "县水务局")
    county.people["both"] = await log_in(database, tenant, "both", seat, desk_of_unit)
    for _ in range(5):
        await desk.replied()
        await desk.done("alice", "evaluation", {"overall": "satisfied"})
    found = await figures(desk, "both")
    assert share(found["suggestions.state.replied"]) == (5, 5)
    assert [key for key in found if key.startswith("evaluation")] == ["evaluation"]
    assert found["evaluation"]["withheld"]


async def test_a_town_is_refused_another_towns_figures_and_the_county_sees_all(desk: Desk) -> None:
    await desk.submitted()
    elsewhere = "00000000-0000-7000-8000-000000000000"
    answer = await get(desk.client, f"{OVERVIEW}?township_id={elsewhere}", desk.county["carol"])
    assert (answer.status_code, answer.json()["code"]) == (404, "township-not-counted")
    for who in ("carol", "cora", "lena", "chen"):
        found = await overview(desk, who, f"?township_id={desk.county.town_id}")
        assert found["township_name"] == "甲镇"
        assert share(by_key(found["figures"])["suggestions.received"])[0] == 1, who
    backwards = await get(desk.client, f"{OVERVIEW}?from=2026-12-01&to=2026-01-01", desk.county["carol"])
    assert (backwards.status_code, backwards.json()["code"]) == (422, "span-backwards")


async def many(desk: Desk) -> None:
    """Suggestions in many states, of two delegates, one of them confidential."""
    await desk.submitted(category="roads")
    await desk.assigned(category="water")
    await desk.handling(confidential=True)
    await desk.replied()
    await desk.replied(PROMISING)
    await desk.done("alice", "evaluation", {"overall": "satisfied"})
    await desk.rejected()
    await desk.replied(REPLY)
    await desk.done("alice", "evaluation", {"overall": "satisfied"})


@pytest.mark.parametrize("who", ["carol", "chen", "cora", "lena", "gina", "bob"])
async def test_card_list_and_export_agree_for_every_role(desk: Desk, who: str) -> None:
    await many(desk)
    found = await figures(desk, who)
    items = await listed(desk, who, "/api/v1/suggestions")
    assert share(found["suggestions.received"])[0] == len(items) == len(await exported(desk, who))
    states = {item["state"] for item in items}
    assert states == {key.removeprefix("suggestions.state.") for key in found if ".state." in key}
    for state in states:
        card = share(found[f"suggestions.state.{state}"])[0]
        of_state = await listed(desk, who, f"/api/v1/suggestions?state={state}")
        assert card == len(of_state) == len(await exported(desk, who, f"?state={state}")), state


@pytest.mark.parametrize(("by", "parameter"), [("unit", "unit_id"), ("category", "category")])
@pytest.mark.parametrize("who", ["carol", "lena", "bob"])
async def test_each_row_of_a_breakdown_is_the_list_under_its_filter(
    desk: Desk, who: str, by: str, parameter: str
) -> None:
    await many(desk)
    rows = (await overview(desk, who, f"?by={by}"))["breakdown"]["rows"]
    assert rows
    for row in rows:
        if not row["key"]:
            continue
        card = share(by_key(row["figures"])["suggestions.received"])[0]
        query = f"?{parameter}={row['key']}"
        items = await listed(desk, who, f"/api/v1/suggestions{query}")
        assert card == len(items) == len(await exported(desk, who, query)), row["name"]


async def test_the_number_of_statements_does_not_grow(desk: Desk) -> None:
    sent = []
    for _ in range(3):
        await desk.replied()
        with counted() as statements:
            await overview(desk, "carol", "?by=unit")
            await exported(desk, "carol")
        sent.append(len(statements))
    assert sent[0] == sent[-1]


async def test_what_people_wrote_is_never_a_formula_in_the_register(desk: Desk) -> None:
    await desk.submitted(title='=HYPERLINK("http://x","点我")')
    [row] = await exported(desk, "carol")
    assert row[1].startswith("'=HYPERLINK")
