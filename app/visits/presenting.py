"""Visits as answers; issues, photos and names are fetched for a whole page at once."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.stations.queries import delegate_names
from app.visits import queries
from app.visits.models import VisitIssue, VoterVisit
from app.visits.schemas import IssueOut, VisitOut


async def visits_out(
    tx: AsyncSession, visits: Sequence[VoterVisit], receipts: Mapping[UUID, str] | None = None
) -> list[VisitOut]:
    ids = [visit.id for visit in visits]
    names = await delegate_names(tx, {visit.delegate_id for visit in visits})
    issues, photos = await queries.issues_of(tx, ids), await queries.photos_of(tx, ids)
    return [
        VisitOut(
            **visit.model_dump(),
            delegate_name=names[visit.delegate_id],
            issues=[_issue(issue, receipts or {}) for issue in issues[visit.id]],
            upload_ids=photos[visit.id],
        )
        for visit in visits
    ]


def _issue(issue: VisitIssue, receipts: Mapping[UUID, str]) -> IssueOut:
    return IssueOut(**issue.model_dump(), receipt=receipts.get(issue.id))
