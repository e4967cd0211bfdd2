"""What imported rows stand on: the place they belong to and the account in whose name they are entered."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts import queries as account_queries
from app.accounts import service as accounts
from app.accounts.actor import Actor, Post
from app.accounts.permissions import Role, ScopeKind
from app.directory import queries as directory
from app.directory.errors import CongressUnknown
from app.directory.models import Congress, Region
from app.kernel.errors import Conflict, Invalid

USERNAME = "import"
NAME = "数据导入"


class RegionUnknown(Invalid):
    code = "region-unknown"

    def __init__(self, code: str) -> None:
        super().__init__(f"没有行政区划代码为 {code} 的地方，请核对 --region", field="region")


class CongressUnclear(Invalid):
    code = "congress-unclear"

    def __init__(self) -> None:
        super().__init__("请用 --congress 指明是哪一级人大（名称或行政区划代码）", field="congress")


class DirectoryEmpty(Conflict):
    code = "directory-empty"

    def __init__(self) -> None:
        super().__init__("还没有行政区划，请先建立县和乡镇，再导入")


async def importer(tx: AsyncSession, *posts: Post) -> Actor:
    """Who enters imported rows: an account that nobody can log in to; its posts exist only here."""
    account = await account_queries.by_username(tx, USERNAME)
    if account is None:
        account = await accounts.open_account(tx, name=NAME, posts=[], username=USERNAME)
        await accounts.disable(tx, account.id)
    return Actor(account.id, account.name, posts)


async def office(tx: AsyncSession, *posts: Post) -> Actor:
    """The importer with the county office's powers, and further posts."""
    county = await county_of(tx)
    return await importer(tx, Post(Role.CONGRESS_OFFICE, ScopeKind.COUNTY, county.id, county.name), *posts)


async def county_of(tx: AsyncSession) -> Region:
    found = await directory.county_if_any(tx)
    if found is None:
        raise DirectoryEmpty
    return found


async def region_of(tx: AsyncSession, code: str | None) -> Region:
    """The region of a code, the county where none is given; RegionUnknown, DirectoryEmpty."""
    if code is None:
        return await county_of(tx)
    found = await directory.region_by_code(tx, code)
    if found is None:
        raise RegionUnknown(code)
    return found


async def congress_of(tx: AsyncSession, named: str | None) -> Congress:
    """The congress of a name or a region code; the only one there is, where none is named."""
    if named is None:
        every = await directory.congresses(tx)
        if len(every) != 1:
            raise CongressUnclear
        return every[0]
    region = await directory.region_by_code(tx, named)
    found = await directory.congress_of_region(tx, region.id) if region else None
    found = found or await directory.congress_by_name(tx, named)
    if found is None:
        raise CongressUnknown
    return found


def seat_post(congress: Congress, delegate_id: UUID) -> Post:
    return Post(
        role=Role.DELEGATE,
        scope_kind=ScopeKind.CONGRESS,
        scope_id=congress.id,
        scope_name=congress.name,
        delegate_id=delegate_id,
        level=congress.level,
    )
