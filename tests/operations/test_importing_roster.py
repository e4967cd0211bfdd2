"""A roster file becomes seats; a second run and a phone given later add nobody."""

from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from app.accounts.models import Admission
from app.accounts.service import phone_index
from app.directory.errors import CongressUnknown
from app.directory.models import Delegate, Person
from app.infra.audit import AuditRow
from app.infra.db import Database
from app.infra.sheets import SheetUnreadable
from app.infra.tenants import Tenant
from app.operations.importing import run_import
from app.operations.importing_ground import CongressUnclear
from app.operations.importing_rows import ImportReport, Options
from tests.conftest import NOW
from tests.operations.files import DATA, a_csv, real
from tests.people import County

HEADINGS = ("姓名", "手机", "选区", "代表小组", "性别", "职务")
TOWN = Options(congress="990001100")  # 甲镇


@pytest.fixture
def enter(database: Database, tenant: Tenant, county: County, tmp_path: Path) -> Any:
    async def run(*rows: tuple[object, ...], options: Options = TOWN) -> ImportReport:
        file = a_csv(tmp_path / "名册.csv", HEADINGS, *rows)
        return await run_import("roster", file, database, tenant, NOW, options)

    return run


async def persons(database: Database, tenant: Tenant, name: str) -> list[Person]:
    async with database.unit(tenant) as tx:
        return list(await tx.exec(select(Person).where(Person.name == name)))


async def test_rows_become_seats_and_a_second_run_adds_none(
    enter: Any, database: Database, tenant: Tenant, county: County
) -> None:
    rows = (
        ("王小英", "138 0000 1001", "第三选区", "第一小组", "女", "教师"),
        ("李大山", "", 2, "", "", ""),
        ("合计", "", "", "", "", ""),
        ("", "", "", "", "", ""),
        ("张长江", "020-1234", "", "", "", ""),
    )
    first, second = await enter(*rows), await enter(*rows)

    assert (first.good, first.added, first.known, first.blank) == (2, 2, 0, 1)
    assert (second.good, second.added, second.known) == (2, 0, 2)
    assert [(row.number, row.field) for row in first.refused] == [(4, "name"), (6, "phone")]
    async with database.unit(tenant) as tx:
        seats = await tx.exec(
            select(Person.name, Delegate.district, Delegate.term)
            .join(Delegate, col(Delegate.person_id) == col(Person.id))
            .where(Delegate.congress_id == county.congress_id, col(Person.name).in_(["王小英", "李大山"]))
        )
        assert set(seats) == {("王小英", "第3选区", 18), ("李大山", "第2选区", 18)}
        noted = await tx.exec(select(AuditRow).where(AuditRow.action == "delegate.import"))
        assert len(noted.all()) == 2


async def test_a_phone_given_later_goes_to_the_same_person(
    enter: Any, database: Database, tenant: Tenant
) -> None:
    await enter(("李大山", "", "", "第二小组", "", ""))
    report = await enter(("李大山", "13800001002", "第5选区", "第二小组", "男", "村医"))

    assert (report.added, report.known) == (0, 1)
    [person] = await persons(database, tenant, "李大山")
    async with database.unit(tenant) as tx:
        index = phone_index(tx, "13800001002")
        admitted = await tx.exec(select(Admission.account_id).where(Admission.phone_index == index))
        assert (person.phone_index, admitted.one()) == (index, person.account_id)
    assert (person.gender, person.position) == ("男", "村医")


@pytest.mark.parametrize(
    ("row", "field"),
    [
        pytest.param(("李大山", "13800001001", "", "", "", ""), "phone", id="the phone of another"),
        pytest.param(("王小英", "13800009999", 3, "", "", ""), "phone", id="another phone, same district"),
        pytest.param(("赵同名", "", "", "", "", ""), "name", id="which of two namesakes"),
    ],
)
async def test_what_may_mean_two_people_is_refused(enter: Any, row: tuple[object, ...], field: str) -> None:
    known = (
        ("王小英", "13800001001", 3, "", "", ""),
        ("赵同名", "", 1, "", "", ""),
        ("赵同名", "", 2, "", "", ""),
    )
    assert (await enter(*known)).added == 3

    report = await enter(row)

    assert [(refused.number, refused.field) for refused in report.refused] == [(2, field)]


async def test_two_rows_read_as_one_person_are_not_merged_in_silence(enter: Any) -> None:
    report = await enter(("赵同名", "", 1, "", "", ""), ("赵同名", "", "", "第三小组", "", ""))

    assert (report.added, [row.number for row in report.refused]) == (1, [3])


async def test_the_term_given_by_hand_holds_for_every_row(
    database: Database, tenant: Tenant, county: County, tmp_path: Path
) -> None:
    file = a_csv(tmp_path / "a.csv", ("姓名", "届次"), ("王小英", "第十八届"), ("李大山", ""))

    report = await run_import("roster", file, database, tenant, NOW, Options("甲镇人民代表大会", term=19))

    assert report.added == 2
    assert [(v.number, v.taken_as) for v in report.variants if v.field == "term"] == [(2, "第19届")]
    async with database.unit(tenant) as tx:
        terms = await tx.exec(select(Delegate.term).where(Delegate.term == 19))
        assert len(terms.all()) == 2


async def test_a_dry_run_says_the_same_and_writes_nothing(
    enter: Any, database: Database, tenant: Tenant
) -> None:
    rows = (("王小英", "13800001001", 3, "", "", ""), ("合计", "", "", "", "", ""))
    tried = await enter(*rows, options=Options(TOWN.congress, dry_run=True))

    assert await persons(database, tenant, "王小英") == []
    done = await enter(*rows)
    assert (tried.added, tried.refused, tried.layout) == (done.added, done.refused, done.layout)
    assert (tried.dry_run, done.dry_run) == (True, False)


async def test_a_wrong_option_or_file_stops_before_anything_is_written(
    enter: Any, database: Database, tenant: Tenant, tmp_path: Path
) -> None:
    with pytest.raises(CongressUnclear):
        await enter(("王小英", "", "", "", "", ""), options=Options())
    with pytest.raises(CongressUnknown):
        await enter(("王小英", "", "", "", "", ""), options=Options("丙镇"))
    with pytest.raises(SheetUnreadable):
        await run_import("roster", tmp_path / "没有.csv", database, tenant, NOW, TOWN)
    assert await persons(database, tenant, "王小英") == []


@real
async def test_the_real_roster_comes_in_once(database: Database, tenant: Tenant, county: County) -> None:
    file = DATA / "delegate_roster_dev.xlsx"
    options = Options(congress="990001100", term=15)

    first = await run_import("roster", file, database, tenant, NOW, options)
    second = await run_import("roster", file, database, tenant, NOW, options)

    assert (first.added, [row.number for row in first.refused]) == (199, [41])
    assert (second.added, second.known, second.refused) == (0, 199, first.refused)
