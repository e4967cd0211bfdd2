"""What every act starts from: who, the suggestion locked and of the version named, the moment."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.accounts.deps import holding
from app.accounts.errors import PermissionMissing, Recused
from app.accounts.permissions import Permission, Role, Side
from app.infra import preconditions
from app.infra.deps import Now, Tx
from app.kernel.errors import StepNotAllowed
from app.suggestions import handling, proposing, queries, reviewing
from app.suggestions.models import Assignment, Suggestion
from app.suggestions.presenting import detail, refusal_shown
from app.suggestions.schemas import LegalAct
from app.suggestions.shown import SuggestionOut
from app.suggestions.steps import Doing, Paper
from app.suggestions.visibility import facing, shown_revision, side_on


@dataclass(frozen=True)
class Case:
    """One suggestion on one person's desk, locked for this request."""

    tx: AsyncSession
    suggestion: Suggestion
    actor: Actor
    now: datetime

    def doing(
        self,
        side: Side,
        *,
        words: str | None = None,
        paper: LegalAct | None = None,
        on_behalf_of: str | None = None,
    ) -> Doing:
        return Doing(
            self.actor,
            side,
            self.now,
            paper=paper_of(paper) if paper else Paper(),
            words=words,
            on_behalf_of=on_behalf_of,
        )

    def by_office(self, *, words: str | None = None, paper: LegalAct | None = None) -> Doing:
        """An act of the congress's office or chair; refused to others."""
        reviewing.need_office(self.actor, self.suggestion)
        return self.doing(Side.CONGRESS, words=words, paper=paper)

    def by_unit(self, *, words: str | None = None, paper: LegalAct | None = None) -> Doing:
        return self.doing(Side.GOVERNMENT, words=words, paper=paper)

    async def assignment(self, asked: UUID | None = None) -> Assignment:
        """The standing assignment of the actor's unit, locked."""
        return await handling.own_assignment(self.tx, self.suggestion, self.actor, asked)

    async def file(self, *scans: UUID | None) -> None:
        """Keep the scans an act names: unclaimed they would be swept the next day."""
        ids = [id for id in scans if id is not None]
        await proposing.attach(self.tx, self.suggestion, ids, self.actor)

    async def shown(self) -> SuggestionOut:
        return await detail(self.tx, self.suggestion, self.actor)


def paper_of(body: LegalAct) -> Paper:
    return Paper(legal_on=body.legal_date, doc_no=body.doc_no, signer=body.signer, upload_id=body.upload_id)


async def party(tx: AsyncSession, suggestion: Suggestion, actor: Actor, permission: Permission) -> Actor:
    """The actor on the side on which he stands here. Raises Recused for what only the other side does."""
    here = facing(actor, await queries.assignments(tx, suggestion.id))
    if not here.may(permission):
        raise Recused
    if permission is Permission.SUGGESTION_DISPATCH:
        _need_own_place(here, suggestion)
    return here


def _need_own_place(actor: Actor, suggestion: Suggestion) -> None:
    """分办: by the government of the suggestion's own place; a seat in the congress lets one read it only."""
    office = Role.GOVERNMENT_OFFICE
    if not (actor.in_county(office) or suggestion.region_id in actor.scopes(office)):
        raise PermissionMissing(Permission.SUGGESTION_DISPATCH)


def case_for(permission: Permission) -> Callable[..., AsyncIterator[Case]]:
    """A dependency: the suggestion of the path, for an actor who holds the permission and may see it."""

    async def case(
        id: UUID, actor: Annotated[Actor, Depends(holding(permission))], tx: Tx, now: Now, request: Request
    ) -> AsyncIterator[Case]:
        found = await queries.seen_for_update(tx, id, actor)
        here = await party(tx, found, actor, permission)
        side = side_on(here, found)
        preconditions.check(request, shown_revision(found, side))
        try:
            yield Case(tx, found, here, now)
        except StepNotAllowed as refused:
            raise refusal_shown(refused, side) from None

    return case


P = Permission
ToReview = Annotated[Case, Depends(case_for(P.SUGGESTION_REVIEW))]
ToAssign = Annotated[Case, Depends(case_for(P.SUGGESTION_ASSIGN))]
ToClose = Annotated[Case, Depends(case_for(P.SUGGESTION_CLOSE))]
ToDispatch = Annotated[Case, Depends(case_for(P.SUGGESTION_DISPATCH))]
ToEvaluate = Annotated[Case, Depends(case_for(P.SUGGESTION_EVALUATE))]
ToHandle = Annotated[Case, Depends(case_for(P.SUGGESTION_HANDLE))]
ToIssue = Annotated[Case, Depends(case_for(P.SUGGESTION_ISSUE))]
ToPropose = Annotated[Case, Depends(case_for(P.SUGGESTION_PROPOSE))]
ToRead = Annotated[Case, Depends(case_for(P.SUGGESTION_READ))]
ToSign = Annotated[Case, Depends(case_for(P.SUGGESTION_SIGN))]
