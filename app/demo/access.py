"""The log-ins that demo visitors are given: one of each role, and one partner system."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts import queries as accounts
from app.accounts import service
from app.accounts.actor import Actor, Post
from app.accounts.models import Account, Membership
from app.accounts.passwords import check_fit, hash_password
from app.accounts.permissions import Role, ScopeKind
from app.demo.county import County, person
from app.demo.facts import DemoCounty, DemoPartner, DemoStation, DemoUnit, DemoUser
from app.demo.names import Names
from app.directory.models import Organisation, OrganisationKind
from app.infra import audit
from app.infra.crypto import vault_of
from app.partners.models import PartnerClient
from app.partners.scopes import Scope
from app.partners.service import SECRET_BYTES, add_partner, secret_hash
from app.stations.models import LiaisonStation

PARTNER = "示例县政务热线平台"
# In the order of var/demo.json: the township's office before the county's.
USERNAMES: dict[str, Role] = {
    "delegate": Role.DELEGATE,
    "keeper": Role.STATION_KEEPER,
    "office": Role.CONGRESS_OFFICE,
    "county-office": Role.CONGRESS_OFFICE,
    "chair": Role.PRESIDIUM_CHAIR,
    "government": Role.GOVERNMENT_OFFICE,
    "officer": Role.UNIT_OFFICER,
    "head": Role.UNIT_HEAD,
    "leader": Role.LEADER,
    "sysadmin": Role.SYSADMIN,
    "secadmin": Role.SECADMIN,
    "auditor": Role.AUDITOR,
}


def openid_of(username: str) -> str:
    """What the fake WeChat calls this person; log in with the code `demo:<openid>`."""
    return f"openid-{username}"


async def appoint(tx: AsyncSession, county: County, names: Names, *, appid: str) -> None:
    """Name the demo users among the county's people, add the three administrators, bind their WeChat."""
    for username, actor in (await _chosen(tx, county, names)).items():
        account = await tx.get_one(Account, actor.id)
        account.username = username
        await service.bind_wechat(tx, actor.id, appid=appid, openid=openid_of(username))
    await tx.flush()


async def _chosen(tx: AsyncSession, county: County, names: Names) -> dict[str, Actor]:
    town = county.showcase
    keeper = town.stations[0].keeper
    assert keeper is not None  # the first station is the centre
    assert town.chair is not None  # a town has chair, government office and unit
    assert town.government_office is not None
    assert town.unit is not None
    administrators = {
        role.value: await person(tx, names, Post(role, ScopeKind.COUNTY, county.region.id, "县平台"))
        for role in (Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR)
    }
    return {
        "delegate": town.delegates[0],
        "keeper": keeper,
        "office": town.office,
        "county-office": county.office,
        "chair": town.chair,
        "government": town.government_office,
        "officer": town.unit.officer,
        "head": town.unit.head,
        "leader": county.leader,
        **administrators,
    }


@dataclass(frozen=True)
class Keys:
    """Where fresh secrets come from. `now`: business time, for the audit."""

    passwords: Callable[[], str]
    now: datetime


async def hand_out(tx: AsyncSession, keys: Keys) -> DemoCounty:
    """Give every demo user a fresh password and the partner a fresh secret, and tell all the facts."""
    users = [await _user(tx, username, role, keys) for username, role in USERNAMES.items()]
    return DemoCounty(
        tenant=vault_of(tx).slug,
        users=tuple(users),
        stations=tuple(await _stations(tx)),
        units=tuple(await _units(tx)),
        partner=await _partner(tx),
    )


async def _user(tx: AsyncSession, username: str, role: Role, keys: Keys) -> DemoUser:
    account = await accounts.by_username(tx, username)
    assert account is not None  # appointed when the county was founded
    password = keys.passwords()
    check_fit(password)
    account.password_hash = await hash_password(password)
    tx.add(account)
    audit.note(
        tx,
        "account.set_password",
        actor="system",
        subject_kind="account",
        subject_id=account.id,
        now=keys.now,
    )
    return DemoUser(role, account.name, username, password, openid_of(username))


async def _stations(tx: AsyncSession) -> list[DemoStation]:
    """The demo keeper's first, the others in order of entry."""
    first = await _scope_of(tx, "keeper", Role.STATION_KEEPER)
    rows: Sequence[LiaisonStation] = (
        await tx.exec(select(LiaisonStation).order_by(col(LiaisonStation.id)))
    ).all()
    ordered = sorted(rows, key=lambda row: row.id != first)
    return [DemoStation(row.id, row.code, row.name) for row in ordered]


async def _units(tx: AsyncSession) -> list[DemoUnit]:
    """Those that may reply, the demo officer's first."""
    first = await _scope_of(tx, "officer", Role.UNIT_OFFICER)
    rows = await tx.exec(
        select(Organisation)
        .where(Organisation.kind == OrganisationKind.UNIT, col(Organisation.may_reply).is_(True))
        .order_by(col(Organisation.id))
    )
    return [DemoUnit(row.id, row.name) for row in sorted(rows, key=lambda row: row.id != first)]


async def _scope_of(tx: AsyncSession, username: str, role: Role) -> UUID:
    """The scope in which a demo user has the role."""
    found = await tx.exec(
        select(Membership.scope_id)
        .join(Account, col(Account.id) == col(Membership.account_id))
        .where(Account.username == username, Membership.role == role)
    )
    scope = found.one()
    assert scope is not None  # keepers and officers have a scope
    return scope


async def _partner(tx: AsyncSession) -> DemoPartner:
    known = (await tx.exec(select(PartnerClient).where(PartnerClient.name == PARTNER))).first()
    if known is None:
        return DemoPartner(*await add_partner(tx, PARTNER, [*Scope]))
    secret = secrets.token_urlsafe(SECRET_BYTES)
    known.secret_hash = secret_hash(secret)
    tx.add(known)
    return DemoPartner(known.client_id, secret)
