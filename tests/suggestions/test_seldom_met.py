"""Corners in which something once went wrong, and where the machine does not go."""

from app.accounts import logging_in, service
from app.accounts.actor import Post
from app.accounts.models import AccountId
from app.accounts.permissions import Role, ScopeKind
from app.directory import queries as directory
from app.infra.db import Database
from app.infra.tenants import Tenant
from app.kernel.clock import machine_now
from app.kernel.ids import new_id
from app.uploads.models import Upload
from tests.people import Token
from tests.suggestions.desk import Desk


async def test_a_draft_with_a_photo_can_be_thrown_away(
    desk: Desk, database: Database, tenant: Tenant
) -> None:
    async with database.unit(tenant) as tx:
        photo = Upload(
            id=new_id(),
            owner=f"account:{desk.county['alice'].account_id}",
            source_sha256=b"1",
            sha256="1",
            thumbnail_sha256="1",
            media_type="image/jpeg",
            width=1,
            height=1,
            created_at=machine_now(),
        )
        tx.add(photo)
    await desk.drafted(upload_ids=[str(photo.id)])
    headers = {**desk.county["alice"].headers, "If-Match": "*"}
    assert (await desk.client.delete(desk.at, headers=headers)).status_code == 204


async def test_a_government_office_sees_what_its_own_place_assigned(
    desk: Desk, database: Database, tenant: Tenant
) -> None:
    async with database.unit(tenant) as tx:
        found = await directory.seat(tx, desk.county.seats["dave"])
        assert found is not None
        post = Post(Role.GOVERNMENT_OFFICE, ScopeKind.TOWNSHIP, found[2].region_id, "乙镇政府办")
        account = await service.open_account(tx, name="gita", posts=[post])
        tokens = await logging_in.start_session(tx, AccountId(account.id))
    desk.county.people["gita"] = Token(account.id, tokens.access_token)
    await desk.assigned()
    passed = {"lead_unit_id": str(desk.county.other_unit_id)}
    assert await desk.refused("gita", "dispatch", passed) == "suggestion-unknown"
    assert (await desk.client.get(desk.at, headers=desk.county["gita"].headers)).status_code == 404
    assert await desk.state("gina") == "assigned"


async def test_the_mark_of_a_merged_suggestion_leaves_the_home_its_own(desk: Desk) -> None:
    """One delegate raised both: each is judged for itself."""
    home = Desk(desk.client, desk.county)
    await home.handling()
    await desk.submitted()
    await desk.done("chen", "review", {"decision": "merge", "into_id": home.at.rpartition("/")[2]})
    await home.answered()
    await desk.done("alice", "evaluation", {"overall": "basically"})
    assert await desk.refused("alice", "evaluation", {"overall": "satisfied"}) == "step-not-allowed"
    assert (await home.done("alice", "evaluation", {"overall": "satisfied"}))["state"] == "closed"


async def test_what_was_merged_twice_is_judged_where_it_is_answered(desk: Desk) -> None:
    last = await Desk(desk.client, desk.county).handling()
    middle = await Desk(desk.client, desk.county).submitted()
    await desk.submitted()
    for one, into in ((desk, middle), (middle, last)):
        merged = {"decision": "merge", "into_id": into.at.rpartition("/")[2]}
        await one.done("chen", "review", merged)
    await last.answered()
    assert (await desk.done("alice", "evaluation", {"overall": "satisfied"}))["state"] == "merged"


async def test_nobody_is_charged_twice_by_passing_on(desk: Desk) -> None:
    await desk.accepted()
    county = desk.county
    order = {"lead_unit_id": str(county.unit_id), "co_unit_ids": [str(county.other_unit_id)]}
    await desk.done("chen", "assignment", order)
    passed = {"lead_unit_id": str(county.other_unit_id)}
    assert await desk.refused("gina", "dispatch", passed) == "already-assigned"
