"""A list of stations becomes stations and their keepers (联络站导入)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts import queries as account_queries
from app.accounts import service as accounts
from app.accounts.actor import Actor, Post
from app.accounts.models import Account
from app.accounts.permissions import Role, ScopeKind
from app.directory import queries as directory
from app.directory.models import RegionKind
from app.infra import audit
from app.kernel.clock import machine_now
from app.kernel.errors import Conflict
from app.operations.importing_ground import office
from app.operations.importing_rows import Options, Plan
from app.stations import managing
from app.stations import queries as stations
from app.stations.managing import Facts
from app.stations.models import LiaisonStation, Tier
from app.stations.sheet import StationRow, read_stations

USUAL_RADIUS = 200  # metres, as for stations founded by hand


class KeeperPhoneOfAnother(Conflict):
    code = "keeper-phone-of-another"

    def __init__(self) -> None:
        super().__init__("这个手机号码已登记在另一位用户名下，请核对管理员姓名和手机", field="keeper_phone")


@dataclass(frozen=True)
class Stations:
    """`townships`: name → id, those of the county's own townships and streets."""

    townships: Mapping[str, UUID]
    now: datetime

    async def put(self, tx: AsyncSession, actor: Actor, row: StationRow) -> bool:
        """One station with its keeper; a known one is left as it is, but may get the keeper."""
        township = self.townships[row.township]
        station = await stations.named(tx, township, row.name)
        new = station is None
        if station is None:
            station = await managing.found_station(
                tx, _facts(row), township_id=township, actor=actor, now=self.now
            )
        if row.keeper:
            await self._appoint(tx, actor, station, row.keeper, row.keeper_phone)
        return new

    async def _appoint(
        self, tx: AsyncSession, actor: Actor, station: LiaisonStation, name: str, phone: str | None
    ) -> None:
        account = await _known(tx, station, name, phone)
        post = Post(Role.STATION_KEEPER, ScopeKind.STATION, station.id, station.name)
        if account is None:
            account = await accounts.open_account(tx, name=name, posts=[post])
        elif not await _keeps(tx, station, account):
            accounts.grant(tx, account.id, post)
        elif phone is None:
            return
        if phone:
            await accounts.admit_phone(tx, account.id, phone)
        await tx.flush()
        self._note(tx, actor, account)

    def _note(self, tx: AsyncSession, actor: Actor, account: Account) -> None:
        audit.note(
            tx,
            "account.appoint_keeper",
            actor=actor.label,
            subject_kind="account",
            subject_id=account.id,
            now=self.now,
        )


async def plan(tx: AsyncSession, options: Options, now: datetime) -> Plan[StationRow, Actor]:
    regions = await directory.regions(tx, kinds=(RegionKind.TOWNSHIP, RegionKind.STREET))
    townships = {region.name: region.id for region in regions}
    return Plan(
        read=lambda rows: read_stations(rows, townships=townships.keys()),
        ground=lambda tx, _: office(tx),
        put=Stations(townships, now).put,
    )


def _facts(row: StationRow) -> Facts:
    return Facts(
        name=row.name,
        tier=Tier(row.tier),
        address=row.address,
        hours=row.hours,
        phone=row.phone,
        place=row.place,
        radius=USUAL_RADIUS,
    )


async def _known(tx: AsyncSession, station: LiaisonStation, name: str, phone: str | None) -> Account | None:
    """Whom the phone lets in, else the keeper of that name. Raises KeeperPhoneOfAnother."""
    owner = await _admitted(tx, phone) if phone else None
    if owner is not None:
        if owner.name != name:
            raise KeeperPhoneOfAnother
        return owner
    keepers = await account_queries.holders(tx, Role.STATION_KEEPER, station.id)
    return next((keeper for keeper in keepers if keeper.name == name), None)


async def _admitted(tx: AsyncSession, phone: str) -> Account | None:
    found = await account_queries.admission(
        tx, phone_index=accounts.phone_index(tx, phone), invite_hash=None, at=machine_now()
    )
    return await tx.get(Account, found.account_id) if found else None


async def _keeps(tx: AsyncSession, station: LiaisonStation, account: Account) -> bool:
    keepers = await account_queries.holders(tx, Role.STATION_KEEPER, station.id)
    return account.id in {keeper.id for keeper in keepers}
