"""An office's ledger becomes files with their history: each suggestion is replayed act by act, at its own
times, told to nobody; what still runs goes on running (代表建议台账导入)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.alerts import service as alerts
from app.deadlines import queries as clocks
from app.directory.models import Congress
from app.kernel.errors import Conflict
from app.operations.importing_ground import congress_of, importer
from app.operations.importing_rows import Options, Plan
from app.operations.ledger_people import Directory, looked_up
from app.operations.ledger_sheet import LedgerRow, read_ledger
from app.operations.replaying_ledger import Charged, Here, Raisers, answer, assign, here, raised


class NumberTaken(Conflict):
    code = "number-taken"

    def __init__(self, number: str, title: str) -> None:
        super().__init__(
            f"编号“{number}”已是另一件建议《{title}》的，请核对，或在编号前写明届次或年份",
            field="external_id",
        )


class UnitTwice(Conflict):
    code = "unit-twice"

    def __init__(self) -> None:
        super().__init__("「承办单位」里有两个名称是同一个单位，请只写一次", field="units")


@dataclass
class Batch:
    """What the rows of one transaction stand on: the directory, the importer, what is here already."""

    people: Directory
    actor: Actor
    here: Here
    roots: list[UUID] = field(default_factory=list)


@dataclass(frozen=True)
class Ledger:
    """`now`: business time of the import; all acts carry the ledger's own times."""

    options: Options
    congress_id: UUID
    now: datetime

    async def begin(self, tx: AsyncSession, rows: Sequence[LedgerRow]) -> Batch:
        congress = await tx.get_one(Congress, self.congress_id)
        names = {name for row in rows for name in (row.lead, *row.cosigners)}
        return Batch(await looked_up(tx, congress, names), await importer(tx), await here(tx, congress, rows))

    async def put(self, tx: AsyncSession, batch: Batch, row: LedgerRow) -> bool:
        """Replay one suggestion. Raises NumberTaken and whom the directory does not know."""
        if _is_here(batch.here, row):
            return False
        raisers = await self._raisers(tx, batch.people, row)
        charged = await self._charged(tx, batch.people, row)
        file = await raised(tx, batch.people.congress, row, raisers, batch.actor)
        if charged and row.assigned_at:
            assignments = await assign(tx, file, charged, row.assigned_at)
            if row.answered:
                await answer(tx, file, assignments, row.answered, row.assigned_at, now=self.now)
        batch.roots.append(file.suggestion.id)
        return True

    async def end(self, tx: AsyncSession, batch: Batch) -> None:
        """What the new clocks crossed until now is history and never told."""
        await tx.flush()
        await alerts.record_history(tx, await clocks.of_roots(tx, batch.roots), now=self.now)

    async def _raisers(self, tx: AsyncSession, people: Directory, row: LedgerRow) -> Raisers:
        term, add = row.meeting.term or self.options.term, self.options.add_delegates
        lead = await people.delegate(tx, row.lead, "lead", term=term, add=add)
        signers = {
            name: await people.delegate(tx, name, "cosigners", term=term, add=add) for name in row.cosigners
        }
        return Raisers(lead, signers)

    async def _charged(self, tx: AsyncSession, people: Directory, row: LedgerRow) -> list[Charged]:
        add = self.options.add_units
        charged = [Charged(role, await people.unit(tx, name, add=add)) for role, name in row.units]
        if len({each.unit.id for each in charged}) != len(charged):
            raise UnitTwice
        return charged


async def plan(tx: AsyncSession, options: Options, now: datetime) -> Plan[LedgerRow, Batch]:
    """CongressUnknown, CongressUnclear."""
    congress = await congress_of(tx, options.congress)
    ledger = Ledger(options, congress.id, now)
    return Plan(
        read=lambda rows: read_ledger(rows, now=now), ground=ledger.begin, put=ledger.put, finish=ledger.end
    )


def _is_here(known: Here, row: LedgerRow) -> bool:
    if row.external_id is None:
        return row.key() in known.by_words
    title = known.by_number.get(row.external_id)
    if title not in (None, row.title):
        raise NumberTaken(row.external_id, title or "")
    return title is not None
