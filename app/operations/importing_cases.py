"""Messages with official replies become past cases: each is replayed act by act, at its own times.

Opinion → adopted by a delegate → accepted, assigned on the message's local date, signed for → contact →
reply. The sources know only the two ends; everybody between them is marked 导入用.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Post
from app.accounts.permissions import Role, ScopeKind, Side
from app.directory import queries as directory
from app.directory import service
from app.directory.models import Congress, OrganisationKind, Region, RegionKind
from app.directory.service import Seat
from app.operations.importing_ground import congress_of, county_of, importer, region_of, seat_post
from app.operations.importing_opinions import Batch, category_of, receive
from app.operations.importing_rows import Kind, Options, Plan
from app.opinions import answering
from app.opinions import queries as opinions
from app.opinions.answering import Adoption
from app.opinions.cases_sheet import CaseRow, read_cases
from app.opinions.models import Opinion
from app.suggestions import assigning, handling, proposing, reviewing
from app.suggestions.assigning import Order
from app.suggestions.handling import Answer, Contact
from app.suggestions.models import Assignment, ContactHow, Disclosure, Outcome, Suggestion
from app.suggestions.steps import Doing

CONGRESS, DELEGATE, UNIT = "导入用人民代表大会", "导入用代表", "导入用单位"
ANALYSIS = "历史数据导入：原系统中没有代表的分析，以群众原话为准。"
PROPOSAL = "请研究答复。"
CONTACT = "历史数据导入：原系统没有联系记录，按收到之日补记。"
TITLE = 40  # characters of the message where it has no title
FIRST_TERM = 1


@dataclass
class Stage(Batch):
    """Who plays the parts that the source does not name. `unit_id`: 导入用单位."""

    unit_id: UUID = field(kw_only=True)

    def doing(self, side: Side, now: datetime) -> Doing:
        return Doing(self.actor, side, now, historic=True)


@dataclass(frozen=True)
class Cases:
    """`now`: business time of the import; all acts carry the case's own times."""

    options: Options
    region_id: UUID
    source: str
    now: datetime

    async def begin(self, tx: AsyncSession, rows: Sequence[CaseRow]) -> Stage:
        """Find or make congress, delegate and unit 导入用."""
        congress = await _congress(tx, self.options)
        seated = await service.seat(tx, congress, Seat(name=DELEGATE, term=congress.term))
        region = await tx.get_one(Region, congress.region_id)
        unit = await service.add_organisation(tx, region, kind=OrganisationKind.UNIT, name=UNIT)
        actor = await importer(
            tx,
            seat_post(congress, seated.delegate.id),
            Post(Role.UNIT_HEAD, ScopeKind.UNIT, unit.id, unit.name),
        )
        known = await opinions.known_external(tx, self.source, {row.opinion.external_id for row in rows})
        return Stage(actor, known, unit_id=unit.id)

    async def put(self, tx: AsyncSession, stage: Stage, row: CaseRow) -> bool:
        """Replay one case."""
        if row.opinion.external_id in stage.known:
            return False
        opinion = await receive(tx, row.opinion, stage.actor, region_id=self.region_id, source=self.source)
        suggestion = await _adopt(tx, stage, opinion, row)
        assignment = await _hand_over(tx, stage, suggestion, row.opinion.received_at)
        if row.reply and row.replied_at:
            await _reply(tx, stage, suggestion, assignment, row.reply, row.replied_at)
        stage.roots += (opinion.id, suggestion.id)
        return True

    async def end(self, tx: AsyncSession, stage: Stage) -> None:
        await stage.end(tx, self.now)


async def plan(tx: AsyncSession, options: Options, now: datetime) -> Plan[CaseRow, Stage]:
    """RegionUnknown, CongressUnknown, DirectoryEmpty."""
    region = await region_of(tx, options.region)
    if options.congress:
        await congress_of(tx, options.congress)
    cases = Cases(options, region.id, options.source or Kind.CASES, now)
    return Plan(
        read=lambda rows: read_cases(rows, now=now),
        ground=cases.begin,
        put=cases.put,
        finish=cases.end,
    )


async def _congress(tx: AsyncSession, options: Options) -> Congress:
    """The one named; else that of the region, or the county's (a street has none), made if need be."""
    if options.congress:
        return await congress_of(tx, options.congress)
    region = await region_of(tx, options.region)
    if region.kind not in (RegionKind.COUNTY, RegionKind.TOWNSHIP):
        region = await county_of(tx)
    known = await directory.congress_of_region(tx, region.id)
    return known or await service.add_congress(tx, region, name=CONGRESS, term=FIRST_TERM)


async def _adopt(tx: AsyncSession, stage: Stage, opinion: Opinion, row: CaseRow) -> Suggestion:
    category = category_of(row.opinion.category)
    adoption = Adoption(
        title=row.opinion.title or row.opinion.content[:TITLE],
        analysis=ANALYSIS,
        proposal=PROPOSAL,
        category=category,
    )
    at = row.opinion.received_at
    return await answering.adopt(tx, [opinion], adoption, stage.actor, at, historic=True)


async def _hand_over(tx: AsyncSession, stage: Stage, suggestion: Suggestion, at: datetime) -> Assignment:
    """Handed in, accepted, assigned, signed for and talked over, all when the message came."""
    await proposing.submit(tx, suggestion, stage.doing(Side.DELEGATE, at))
    await reviewing.accept(tx, suggestion, stage.doing(Side.CONGRESS, at))
    order = Order(stage.unit_id)
    assignment = await assigning.assign(tx, suggestion, order, stage.doing(Side.CONGRESS, at))
    unit = stage.doing(Side.GOVERNMENT, at)
    await handling.accept(tx, suggestion, assignment, unit)
    contact = Contact(ContactHow.PHONE, at, CONTACT)
    await handling.record_contact(tx, suggestion, assignment, contact, unit)
    return assignment


async def _reply(
    tx: AsyncSession,
    stage: Stage,
    suggestion: Suggestion,
    assignment: Assignment,
    content: str,
    at: datetime,
) -> None:
    answer = Answer(content, Outcome.REFERENCE_ONLY, Disclosure.ON_REQUEST, "历史数据，未经公开审查")
    unit = stage.doing(Side.GOVERNMENT, at)
    await handling.draft_reply(tx, suggestion, assignment, answer, unit)
    await handling.issue_reply(tx, suggestion, assignment, unit)
