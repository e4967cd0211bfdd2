"""What operators type: what is refused is one sentence, what is missing is named."""

from datetime import date
from pathlib import Path

import pytest
from sqlmodel import select
from typer.testing import CliRunner

from app.__main__ import cli
from app.directory import service as directory
from app.directory.models import Congress
from app.directory.service import Seat
from app.infra.db import Database
from app.infra.tenants import Tenant
from app.operations import commands
from app.operations.commands import RoleUnfit, UsernameTaken
from app.settings import Settings, settings
from tests.conftest import KEYS, Dsns
from tests.people import County

PASSWORD = "Sys-admin-2026x"


@pytest.fixture
def chosen(dsns: Dsns, tmp_path: Path) -> Settings:
    return Settings(_env_file=None, var_dir=tmp_path, database_url=dsns.app, **KEYS)  # type: ignore[call-arg,arg-type]


async def test_an_administrators_name_is_taken_once(
    chosen: Settings, database: Database, county: County
) -> None:
    await commands.create_admin(chosen, "alpha", "boss", "系统管理员", "sysadmin", PASSWORD)

    with pytest.raises(UsernameTaken):
        await commands.create_admin(chosen, "alpha", "boss", "另一位", "auditor", PASSWORD)
    with pytest.raises(RoleUnfit):
        await commands.create_admin(chosen, "alpha", "other", "代表", "delegate", PASSWORD)


async def test_a_dry_run_of_a_change_of_term_tells_and_writes_nothing(
    chosen: Settings, database: Database, tenant: Tenant, county: County
) -> None:
    async with database.unit(tenant) as tx:
        congress = await tx.get_one(Congress, county.congress_id)
        await directory.seat(tx, congress, Seat(name="新人", term=19))

    async def changed(*, dry_run: bool) -> int:
        on = date(2025, 1, 1)
        done = await commands.change_term(chosen, "alpha", "甲镇人民代表大会", 19, on, dry_run=dry_run)
        return done.seats_ended

    async def term() -> int:
        async with database.unit(tenant) as tx:
            return (await tx.exec(select(Congress.term).where(Congress.id == county.congress_id))).one()

    assert (await changed(dry_run=True), await term()) == (1, 18)
    assert (await changed(dry_run=False), await term()) == (1, 19)
    assert await changed(dry_run=False) == 0


def test_settings_that_are_missing_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in (*(name.upper() for name in KEYS), "VAR_DIR"):
        monkeypatch.delenv(name, raising=False)
    settings.cache_clear()

    answer = CliRunner().invoke(cli, ["verify"])

    settings.cache_clear()
    assert answer.exit_code == 1
    assert "TOKEN_KEYS: Field required" in answer.output
    assert "请在 .env 里补上这些设置" in answer.output
