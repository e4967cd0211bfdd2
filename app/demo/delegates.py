"""The delegates of every town's congress, and those who sit in the county's too; entered in bulk."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count, cycle
from random import Random

from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor, Post, actor_of
from app.accounts.models import Account, Admission, Membership
from app.accounts.permissions import Role, ScopeKind
from app.accounts.service import phone_index
from app.demo.county import County
from app.demo.names import TERM, Names, district, mobile
from app.demo.shape import Shape
from app.directory.models import Congress, Delegate, DelegateGroup, Person
from app.directory.service import phone_place
from app.infra.crypto import vault_of
from app.kernel.clock import machine_now

GROUPS = 6  # of each town's congress
A_DISTRICT = 3  # delegates elect about so many
POSITIONS = (
    "村民",
    "种粮大户",
    "乡村医生",
    "小学教师",
    "合作社理事长",
    "个体工商户",
    "退休教师",
    "快递站负责人",
    "企业职工",
    "返乡青年",
)


@dataclass(frozen=True)
class Sitting:
    """One delegate's rows, related by id before any is stored."""

    account: Account
    person: Person
    seat: Delegate
    post: Post
    admission: Admission

    @property
    def actor(self) -> Actor:
        return actor_of(self.account.id, self.account.name, [self.post])


async def seat_all(tx: AsyncSession, county: County, shape: Shape, names: Names, rng: Random) -> None:
    """Fill the towns' congresses, then give some of the people a county seat beside it."""
    numbers = count(1)
    everybody: list[list[Sitting]] = []
    for town, size in zip(county.towns, shares(shape.delegates, len(county.towns)), strict=True):
        assert town.congress is not None  # towns have one, streets have none
        groups = await _groups(tx, town.congress)
        everybody.append(
            [_sitting(tx, town.congress, groups, names, rng, next(numbers)) for _ in range(size)]
        )
    await _store(tx, [sitting for town in everybody for sitting in town])
    for town, sittings, doubled in zip(
        county.towns, everybody, shares(shape.county_seats, len(county.towns)), strict=True
    ):
        county.delegates += await _seat_in_county(tx, county.congress, sittings[-doubled:])
        town.delegates += [sitting.actor for sitting in sittings[:-doubled]]


def shares(whole: int, parts: int) -> list[int]:
    """`whole` in equal parts, the first ones larger by one where it does not come out even."""
    return [whole // parts + (place < whole % parts) for place in range(parts)]


async def _groups(tx: AsyncSession, congress: Congress) -> list[DelegateGroup]:
    groups = [DelegateGroup(congress_id=congress.id, name=f"第{n}代表小组") for n in range(1, GROUPS + 1)]
    tx.add_all(groups)
    await tx.flush()
    return groups


def _sitting(
    tx: AsyncSession,
    congress: Congress,
    groups: Sequence[DelegateGroup],
    names: Names,
    rng: Random,
    number: int,
) -> Sitting:
    account = Account(name=names.person(), created_at=machine_now())
    phone = mobile(number)
    index = phone_index(tx, phone)
    person = Person(
        name=account.name,
        gender=rng.choice(("男", "男", "女")),
        position=rng.choice(POSITIONS),
        phone_index=index,
        phone_public=rng.random() < 0.5,
        account_id=account.id,
    )
    person.phone_sealed = vault_of(tx).seal(phone, where=phone_place(person.id))
    seat = Delegate(
        person_id=person.id,
        congress_id=congress.id,
        term=TERM,
        district=district(1 + number // A_DISTRICT % 24),
        group_id=groups[number % len(groups)].id,
    )
    admission = Admission(account_id=account.id, phone_index=index)
    return Sitting(account, person, seat, _post(congress, seat), admission)


def _post(congress: Congress, seat: Delegate) -> Post:
    return Post(
        role=Role.DELEGATE,
        scope_kind=ScopeKind.CONGRESS,
        scope_id=congress.id,
        scope_name=congress.name,
        delegate_id=seat.id,
        level=congress.level,
    )


def _membership(account: Account, post: Post) -> Membership:
    return Membership(account_id=account.id, **vars(post))


async def _store(tx: AsyncSession, sittings: Sequence[Sitting]) -> None:
    """Parents before children: the rows know each other only by id."""
    for rows in (
        [sitting.account for sitting in sittings],
        [sitting.person for sitting in sittings],
        [sitting.seat for sitting in sittings],
        [_membership(sitting.account, sitting.post) for sitting in sittings],
        [sitting.admission for sitting in sittings],
    ):
        tx.add_all(rows)
        await tx.flush()


async def _seat_in_county(tx: AsyncSession, congress: Congress, sittings: Sequence[Sitting]) -> list[Actor]:
    districts = cycle(range(1, 25))
    seats = [
        Delegate(
            person_id=s.person.id, congress_id=congress.id, term=TERM, district=district(next(districts))
        )
        for s in sittings
    ]
    tx.add_all(seats)
    await tx.flush()
    posts = [_post(congress, seat) for seat in seats]
    tx.add_all(_membership(sitting.account, post) for sitting, post in zip(sittings, posts, strict=True))
    await tx.flush()
    return [
        actor_of(sitting.account.id, sitting.account.name, [sitting.post, post])
        for sitting, post in zip(sittings, posts, strict=True)
    ]
