"""A roster's rows become seats of one congress (代表名册导入)."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.directory import queries as directory
from app.directory import service
from app.directory.models import Congress
from app.directory.roster import Level, RosterRow, read_roster
from app.directory.service import Seat, Seated
from app.infra import audit
from app.infra.records import Reading, Variant
from app.kernel.errors import Conflict
from app.operations.importing_ground import congress_of, importer
from app.operations.importing_rows import Options, Plan


class OtherLevel(Conflict):
    code = "other-level"

    def __init__(self, congress: str) -> None:
        super().__init__(f"这一行的代表层级与{congress}不符，请另存一个文件导入相应的人大", field="level")


class SameAsAnotherRow(Conflict):
    code = "same-as-another-row"

    def __init__(self, number: int) -> None:
        super().__init__(
            f"与第 {number} 行认成了同一位代表，请只留一行；若是同名的两位，两行都请写明选区或手机",
            field="name",
        )


@dataclass
class Roster:
    """`rows`: which row has been read as which seat in this run."""

    congress: Congress
    now: datetime
    rows: dict[UUID, int] = field(default_factory=dict)

    async def put(self, tx: AsyncSession, actor: Actor, row: RosterRow) -> bool:
        """One seat. Raises OtherLevel, SameAsAnotherRow and what directory.seat refuses."""
        if row.level != self.congress.level:
            raise OtherLevel(self.congress.name)
        seated = await service.seat(tx, self.congress, _seat(row))
        if (other := self.rows.get(seated.delegate.id, row.number)) != row.number:
            raise SameAsAnotherRow(other)
        self._note(tx, actor, seated)
        await tx.flush()
        self.rows[seated.delegate.id] = row.number
        return seated.new

    def _note(self, tx: AsyncSession, actor: Actor, seated: Seated) -> None:
        if seated.new or seated.completed:
            audit.note(
                tx,
                "delegate.import" if seated.new else "delegate.complete",
                actor=actor.label,
                subject_kind="delegate",
                subject_id=seated.delegate.id,
                now=self.now,
                fields=seated.completed,
            )


async def plan(tx: AsyncSession, options: Options, now: datetime) -> Plan[RosterRow, Actor]:
    """CongressUnknown, CongressUnclear."""
    congress = await congress_of(tx, options.congress)
    known = await directory.spellings(tx, congress.id)
    return Plan(
        read=lambda rows: _with_term(
            read_roster(
                rows,
                term=options.term or congress.term,
                level=Level(congress.level),
                known_places=known,
            ),
            options.term,
        ),
        ground=lambda tx, _: importer(tx),
        put=Roster(congress, now).put,
    )


def _with_term(reading: Reading[RosterRow], term: int | None) -> Reading[RosterRow]:
    """The term given by hand holds for every row; where the sheet said another one, that is noted."""
    if term is None:
        return reading
    others = [row for row in reading.rows if row.term != term]
    noted = (Variant(row.number, "term", f"第{row.term}届", f"第{term}届") for row in others)
    rows = tuple(replace(row, term=term) for row in reading.rows)
    return replace(reading, rows=rows, variants=(*reading.variants, *noted))


def _seat(row: RosterRow) -> Seat:
    return Seat(
        name=row.name,
        term=row.term,
        phone=row.phone,
        gender=row.gender,
        position=_position(row.organisation, row.post),
        district=row.district,
        group=row.group,
    )


def _position(organisation: str | None, post: str | None) -> str | None:
    """单位 and 职务 as one line; a post that names its organisation already stands alone."""
    parts = [organisation or "", post or ""]
    if organisation and post and organisation in post:
        return post
    return " ".join(part for part in parts if part) or None
