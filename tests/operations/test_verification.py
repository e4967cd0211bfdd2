"""Each invariant finds the violation planted against it, and nothing in a county that is in order."""

import asyncio
import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from app.adapters.files import FileStore, LocalFiles
from app.alerts.models import AlertSubject
from app.alerts.raising import Found, raise_alert
from app.alerts.signals import Signal
from app.infra import audit, outbox
from app.infra.crypto import Keyring
from app.infra.db import Database, sql
from app.infra.tenants import Tenant
from app.kernel.clock import machine_now
from app.operations import verification as v
from app.operations import verifying_clocks as clocks
from app.operations import verifying_due_dates as dates
from app.operations.findings import Finding
from app.operations.importing import run_import
from app.operations.verification import Check, verify
from app.operations.verifying_files import files_and_rows
from app.uploads.storage import Stores
from tests.conftest import KEYS, NOW, Dsns
from tests.operations.files import CASE, a_csv
from tests.people import County

ROWS = (
    (1, "路灯", "2026-06-30 10:00:00", "灯不亮。", "已修。", "2026-11-20 09:00:00"),
    (2, "水渠", "2026-11-24 10:00:00", "渠堵了。", "", ""),
)


@pytest.fixture
async def filled(database: Database, tenant: Tenant, county: County, tmp_path: Path) -> Tenant:
    """A county with a replied case and one in hand, not yet numbered and sealed."""
    await run_import("cases", a_csv(tmp_path / "a.csv", CASE, *ROWS), database, tenant, NOW)
    return tenant


UNDONE = text("""
    SELECT (SELECT count(*) FROM outbox WHERE seq IS NULL)
         + (SELECT count(*) FROM audit) - (SELECT count(*) FROM audit_seal)""")


async def settle(database: Database, tenant: Tenant) -> None:
    """Number the events and seal the audit; transactions of other tests may hold them back for a while."""
    for _ in range(2000):
        async with database.unit(tenant) as tx:
            await outbox.number(tx, NOW)
            await audit.seal(tx, NOW)
            if not (await sql(tx, UNDONE)).scalar_one():
                return
        await asyncio.sleep(0.05)
    raise AssertionError("still not numbered and sealed")


class Planted(Exception):
    """Ends the owner's transaction: what was planted is gone."""


async def findings_of(dsns: Dsns, tenant: Tenant, check: Check, *planted: str) -> list[Finding]:
    """What the check finds where the tables' owner has planted this."""
    owner = Database(dsns.owner, keyring=Keyring(**KEYS), pool_size=1)
    findings: list[Finding] = []
    try:
        async with owner.unit(tenant) as tx:
            for statement in planted:
                await sql(tx, text(statement))
            findings = await check(tx, NOW)
            raise Planted
    except Planted:
        return findings
    finally:
        await owner.close()


async def test_a_county_in_order_has_no_findings(database: Database, filled: Tenant, tmp_path: Path) -> None:
    assert await verify(database, filled, NOW, Stores(tmp_path)) == []


CLOCK = "(SELECT id FROM deadlines WHERE kind = '{}' ORDER BY id DESC LIMIT 1)"
REPLY_CLOCK = CLOCK.format("reply")


@dataclass(frozen=True)
class Plant:
    """`what` is wrong, which check finds it under which invariant, and how it is put there."""

    check: Check
    invariant: str
    statements: list[str]
    what: str


PLANTED = (
    Plant(
        v.writes_are_there,
        "I1",
        ["UPDATE audit SET subject_id = gen_random_uuid() WHERE action = 'opinion.receive'"],
        what="a lost opinion",
    ),
    Plant(
        v.one_effect_a_key,
        "I2",
        ["INSERT INTO idempotency_keys (key_hash, body_hash, written_at) VALUES ('\\x01', '\\x02', now())"],
        what="a key without its answer",
    ),
    Plant(
        v.one_effect_a_key,
        "I2",
        ["DROP INDEX uq_opinions_external", "UPDATE opinions SET external_id = 'same'"],
        what="a message twice",
    ),
    Plant(
        v.told_once,
        "I3",
        [
            "ALTER TABLE alerts DROP CONSTRAINT uq_alerts_subject_kind_subject_id_line_occurrence",
            "UPDATE alerts SET subject_id = '00000000-0000-7000-8000-000000000000', line = 'overdue'",
        ],
        what="an alert twice",
    ),
    Plant(
        v.told_once,
        "I3",
        ["DELETE FROM outbox WHERE name = 'deadline.line_crossed'"],
        what="an alert without its event",
    ),
    Plant(v.feed_is_whole, "I3", ["DELETE FROM outbox WHERE seq = 2"], what="a gap in the feed"),
    Plant(
        v.feed_is_whole,
        "I3",
        ["INSERT INTO feed_cursors (consumer, seq) VALUES ('x', 999999)"],
        what="a reader beyond the feed",
    ),
    Plant(
        clocks.clocks_match_states,
        "I5",
        [f"UPDATE deadlines SET stopped_at = now() WHERE id = {REPLY_CLOCK}"],
        what="a clock stopped by hand",
    ),
    Plant(
        clocks.clocks_match_states,
        "I5",
        ["UPDATE deadlines SET stopped_at = NULL WHERE kind = 'triage'"],
        what="a clock left running",
    ),
    Plant(
        clocks.clocks_match_states,
        "I5",
        ["UPDATE suggestions SET state = 'assigned' WHERE state = 'replied'"],
        what="a state its assignments do not give",
    ),
    Plant(
        clocks.clocks_match_states,
        "I5",
        ["UPDATE opinion_steps SET entered = 'told'"],
        what="a state no step entered",
    ),
    Plant(
        v.posts_name_their_own,
        "I6",
        ["UPDATE memberships SET scope_id = gen_random_uuid() WHERE scope_kind = 'unit'"],
        what="a post in a unit that is not there",
    ),
    Plant(
        v.posts_name_their_own,
        "I6",
        [
            "UPDATE memberships m SET delegate_id = (SELECT d.id FROM delegates d WHERE d.id <> m.delegate_id"
            " LIMIT 1) WHERE m.role = 'delegate'"
        ],
        what="a seat of somebody else",
    ),
    Plant(v.audit_is_sealed, "I7", ["UPDATE audit SET actor = 'nobody'"], what="an audit row changed"),
    Plant(
        v.audit_is_sealed,
        "I7",
        [
            "DELETE FROM audit_seal WHERE seq = (SELECT max(seq) FROM audit_seal)",
            "UPDATE audit SET written_at = now() - interval '61 s'",
        ],
        what="an audit row unsealed",
    ),
    Plant(
        clocks.duties_looked_at,
        "I8",
        [f"UPDATE deadlines SET next_line = NULL, next_line_at = NULL WHERE id = {REPLY_CLOCK}"],
        what="an open duty nobody will look at",
    ),
    Plant(
        clocks.duties_looked_at,
        "I8",
        [f"UPDATE deadlines SET next_line_at = '2026-11-24T00:00Z' WHERE id = {REPLY_CLOCK}"],
        what="a line nobody looked at",
    ),
    Plant(
        dates.due_dates,
        "I9",
        [
            "UPDATE deadlines SET last_day = last_day + 1, due_at = due_at + interval '1 d'"
            f" WHERE id = {REPLY_CLOCK}"
        ],
        what="a due date one day off",
    ),
    Plant(
        dates.due_dates,
        "I9",
        [f"UPDATE deadlines SET due_at = due_at + interval '1 h' WHERE id = {REPLY_CLOCK}"],
        what="a due hour off",
    ),
    Plant(
        dates.due_dates,
        "I9",
        [f"UPDATE deadlines SET amount = 4 WHERE id = {REPLY_CLOCK}"],
        what="a period no pack gives",
    ),
    Plant(
        dates.due_dates,
        "I9",
        [
            "INSERT INTO deadline_changes (id, deadline_id, what, due_before, due_after, reason, actor, at,"
            f" written_at, facts) SELECT gen_random_uuid(), {REPLY_CLOCK}, 'extension', '2027-02-24',"
            " '2027-03-24', 'x', 'x', now(), now(), '{}'"
        ],
        what="an extension that moved nothing",
    ),
)


async def test_whatever_was_planted_is_found_and_nothing_before_it(
    dsns: Dsns, database: Database, filled: Tenant
) -> None:
    """Each is planted in a transaction of its own, which is then undone: one county does for all."""
    await settle(database, filled)
    for check in {each.check for each in PLANTED}:
        assert await findings_of(dsns, filled, check) == [], check.__name__

    for each in PLANTED:
        found = await findings_of(dsns, filled, each.check, *each.statements)
        assert {finding.invariant for finding in found} == {each.invariant}, each.what


async def test_an_alert_that_no_clock_drew_has_an_event_of_its_own(tx: AsyncSession, county: County) -> None:
    found = Found(Signal.NO_SIGN_OF_LIFE, AlertSubject.UNIT, county.unit_id, 1, NOW, county.region_id)
    assert await raise_alert(tx, found, now=NOW)
    assert await v.told_once(tx, NOW) == []

    await sql(tx, text("DELETE FROM outbox"))
    assert [finding.what for finding in await v.told_once(tx, NOW)] == ["预警没有对应的事件"]


async def a_file(store: FileStore, root: Path, content: bytes, *, age: timedelta) -> str:
    key = await store.put(content)
    at = (machine_now() - age).timestamp()
    os.utime(root / key[:2] / key[2:4] / key, (at, at))
    return key


async def upload_row(tx: AsyncSession, key: str, thumbnail: str) -> None:
    row = text("""
        INSERT INTO uploads (id, owner, source_sha256, sha256, thumbnail_sha256, media_type, width, height,
                             state, created_at)
        VALUES (gen_random_uuid(), 'form:x', '\\x01', :key, :thumbnail, 'image/jpeg', 1, 1,
                'claimed', now())""")
    await sql(tx, row, {"key": key, "thumbnail": thumbnail})


async def test_a_row_without_its_file_and_an_old_file_without_a_row_are_found(
    database: Database, tenant: Tenant, tmp_path: Path
) -> None:
    store = LocalFiles(tmp_path)
    kept = await a_file(store, tmp_path, b"kept", age=timedelta(days=9))
    old = await a_file(store, tmp_path, b"old", age=timedelta(days=9))
    await a_file(store, tmp_path, b"young", age=timedelta(hours=1))
    async with database.unit(tenant) as tx:
        await upload_row(tx, kept, kept)
        found = await files_and_rows(tx, store)
        assert [(f.what, f.subject) for f in found] == [("文件没有对应的上传记录", old)]

        await upload_row(tx, kept, "0" * 64)
        found = await files_and_rows(tx, store)
        assert [f.what for f in found] == ["上传记录的文件不在", "文件没有对应的上传记录"]
