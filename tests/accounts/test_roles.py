"""Who may do what, and the separation of the three administrators, held by the database itself."""

import pytest
from sqlalchemy.exc import IntegrityError

from app.accounts import service
from app.accounts.actor import Actor, Post, actor_of
from app.accounts.errors import PermissionMissing
from app.accounts.permissions import MAY, SEPARATED, Permission, Role, ScopeKind
from app.infra.db import Database
from app.infra.tenants import Tenant
from app.kernel.ids import new_id
from tests.accounts.matrix import SNAPSHOT, matrix


def test_the_table_of_roles_and_permissions_is_the_one_agreed_on() -> None:
    """A change here is a decision: renew the snapshot with `python -m tests.accounts.matrix`."""
    assert matrix() == SNAPSHOT.read_text()


def test_every_role_is_in_the_table_and_every_permission_is_somebodys() -> None:
    assert set(MAY) == set(Role)
    assert {permission for held in MAY.values() for permission in held} == set(Permission)


def test_administrators_do_no_office_work_and_offices_no_administration() -> None:
    administration = {
        Permission.ACCOUNT_MANAGE,
        Permission.AUDIT_READ,
        Permission.PARTNER_MANAGE,
    }
    for role in Role:
        if role in SEPARATED:
            assert not any("suggestion" in held or "opinion" in held for held in MAY[role]), role
        else:
            assert not MAY[role] & administration, role
    for one in SEPARATED:
        for other in SEPARATED:
            assert one == other or not MAY[one] & MAY[other], (one, other)


def test_a_unit_can_neither_evaluate_nor_review_nor_sign_for_the_congress() -> None:
    forbidden = {
        Permission.SUGGESTION_EVALUATE,
        Permission.SUGGESTION_REVIEW,
        Permission.SUGGESTION_SIGN,
        Permission.SUGGESTION_ASSIGN,
        Permission.SUGGESTION_CLOSE,
    }
    for role in (Role.UNIT_OFFICER, Role.UNIT_HEAD, Role.GOVERNMENT_OFFICE):
        assert not MAY[role] & forbidden, role


def holding(*roles: Role) -> Actor:
    return actor_of(new_id(), "somebody", [Post(role, ScopeKind.COUNTY) for role in roles])


def test_an_actor_may_what_any_of_its_posts_may() -> None:
    both = holding(Role.DELEGATE, Role.UNIT_OFFICER)
    assert both.may(Permission.SUGGESTION_PROPOSE)
    assert both.may(Permission.SUGGESTION_HANDLE)
    assert not both.may(Permission.SUGGESTION_SIGN)
    with pytest.raises(PermissionMissing):
        both.need(Permission.SUGGESTION_SIGN)


def test_nobody_without_a_post_may_anything() -> None:
    assert not any(holding().may(permission) for permission in Permission)


async def open_with(database: Database, tenant: Tenant, *roles: Role) -> None:
    posts = [Post(role, ScopeKind.COUNTY) for role in roles]
    async with database.unit(tenant) as tx:
        await service.open_account(tx, name="两职", posts=posts)


@pytest.mark.parametrize("role", list(Role))
async def test_one_post_is_always_possible(database: Database, tenant: Tenant, role: Role) -> None:
    await open_with(database, tenant, role)


async def test_several_offices_are_possible(database: Database, tenant: Tenant) -> None:
    await open_with(database, tenant, Role.DELEGATE, Role.UNIT_HEAD, Role.CONGRESS_OFFICE)


@pytest.mark.parametrize(
    ("roles", "guard"),
    [
        ((Role.SYSADMIN, Role.SECADMIN), "uq_memberships_separated"),
        ((Role.SYSADMIN, Role.AUDITOR), "uq_memberships_separated"),
        ((Role.SECADMIN, Role.AUDITOR), "uq_memberships_separated"),
        ((Role.SYSADMIN, Role.DELEGATE), "fk_memberships_account_id"),
        ((Role.CONGRESS_OFFICE, Role.AUDITOR), "fk_memberships_account_id"),
    ],
)
async def test_the_database_refuses_an_administrator_with_a_second_post(
    database: Database, tenant: Tenant, roles: tuple[Role, ...], guard: str
) -> None:
    with pytest.raises(IntegrityError, match=guard):
        await open_with(database, tenant, *roles)


@pytest.mark.parametrize("later", [Role.SECADMIN, Role.DELEGATE])
async def test_nor_may_the_second_post_come_later(database: Database, tenant: Tenant, later: Role) -> None:
    async with database.unit(tenant) as tx:
        account = await service.open_account(
            tx, name="系统管理员", posts=[Post(Role.SYSADMIN, ScopeKind.COUNTY)]
        )
    with pytest.raises(IntegrityError):
        async with database.unit(tenant) as tx:
            service.grant(tx, account.id, Post(later, ScopeKind.COUNTY))
