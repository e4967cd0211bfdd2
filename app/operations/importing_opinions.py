"""Residents' messages from elsewhere become opinions, at their own times (留言导入)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.alerts import service as alerts
from app.deadlines import queries as clocks
from app.infra.records import Reading, Variant
from app.operations.importing_ground import importer, region_of
from app.operations.importing_rows import Kind, Options, Plan
from app.opinions import queries as opinions
from app.opinions import receiving
from app.opinions.models import Opinion, Source
from app.opinions.receiving import From, Words
from app.opinions.rules import CATEGORY_NAMES, Category
from app.opinions.sheet import OpinionRow, read_opinions
from app.opinions.steps import By

# What other systems call their classes; one of none of these names is 其他, and that is noted.
ELSEWHERE: Mapping[str, Category] = {
    "交通运输": Category.ROADS,
    "农村农业": Category.FARMING,
    "环境保护": Category.ENVIRONMENT,
    "生态环境": Category.ENVIRONMENT,
    "教育文体": Category.EDUCATION,
    "卫生计生": Category.HEALTH,
    "卫生健康": Category.HEALTH,
    "劳动和社会保障": Category.WELFARE,
}
CATEGORIES: Mapping[str, Category] = {
    **ELSEWHERE,
    **{name: category for category, name in CATEGORY_NAMES.items()},
    **{category.value: category for category in Category},
}


@dataclass
class Batch:
    """Who enters the rows of one transaction, which ids were here before, and what has been entered."""

    actor: Actor
    known: set[str]
    roots: list[UUID] = field(default_factory=list)

    async def end(self, tx: AsyncSession, now: datetime) -> None:
        """What the new clocks crossed until now is history and never told."""
        await tx.flush()
        await alerts.record_history(tx, await clocks.of_roots(tx, self.roots), now=now)


@dataclass(frozen=True)
class Opinions:
    """`source`: under which name external ids are unique. `now`: business time of the import."""

    region_id: UUID
    source: str
    now: datetime

    async def begin(self, tx: AsyncSession, rows: Sequence[OpinionRow]) -> Batch:
        known = await opinions.known_external(tx, self.source, {row.external_id for row in rows})
        return Batch(await importer(tx), known)

    async def put(self, tx: AsyncSession, batch: Batch, row: OpinionRow) -> bool:
        """One opinion, received when it was written."""
        if row.external_id in batch.known:
            return False
        opinion = await receive(tx, row, batch.actor, region_id=self.region_id, source=self.source)
        batch.roots.append(opinion.id)
        return True

    async def end(self, tx: AsyncSession, batch: Batch) -> None:
        await batch.end(tx, self.now)


async def plan(tx: AsyncSession, options: Options, now: datetime) -> Plan[OpinionRow, Batch]:
    """RegionUnknown, DirectoryEmpty."""
    region = await region_of(tx, options.region)
    opinions_of = Opinions(region.id, options.source or Kind.OPINIONS, now)
    return Plan(
        read=lambda rows: _with_categories_noted(read_opinions(rows, now=now)),
        ground=opinions_of.begin,
        put=opinions_of.put,
        finish=opinions_of.end,
    )


async def receive(
    tx: AsyncSession, row: OpinionRow, actor: Actor, *, region_id: UUID, source: str
) -> Opinion:
    """Record one message as history: in its own time, told to nobody."""
    received = await receiving.record(
        tx,
        Words(content=_words(row), category=category_of(row.category)),
        From(Source.IMPORT, "account", name=source, external_id=row.external_id),
        By(actor.label, actor.name, row.received_at, historic=True),
        region_id=region_id,
    )
    return received.opinion


def _words(row: OpinionRow) -> str:
    return f"{row.title}\n{row.content}" if row.title else row.content


def category_of(word: str | None) -> Category | None:
    """Our category for another system's class; 其他 for one we don't know."""
    return CATEGORIES.get(word, Category.OTHER) if word else None


def _with_categories_noted(reading: Reading[OpinionRow]) -> Reading[OpinionRow]:
    noted = []
    for row in reading.rows:
        category = category_of(row.category)
        if row.category and category and CATEGORY_NAMES[category] != row.category:
            noted.append(Variant(row.number, "category", row.category, CATEGORY_NAMES[category]))
    return replace(reading, variants=(*reading.variants, *noted))
