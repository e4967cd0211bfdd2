"""`/api/v1/approvals`, `/assignments/batch`, standing authorisations, sessions, pressure reports."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime
from sqlmodel import col, or_, select

from app.accounts.actor import Actor
from app.accounts.deps import holding
from app.accounts.permissions import Permission, Role, Side
from app.directory import queries as directory
from app.directory.errors import CongressUnknown
from app.directory.models import Congress, CongressSession
from app.infra import audit
from app.infra.crypto import vault_of
from app.infra.deps import Now, Tx
from app.infra.schemas import Body, Out, Short
from app.infra.unit_route import UnitRoute
from app.suggestions import approving, queries, reviewing
from app.suggestions.approving import Basis
from app.suggestions.deps import Case, ToSign, paper_of, party
from app.suggestions.errors import ApprovalUnknown, NotChair
from app.suggestions.models import Suggestion
from app.suggestions.office_schemas import AssignmentBatch, DecisionBatch, DecisionIn
from app.suggestions.oversight_models import Approval, PressureReport, StandingAuthorisation
from app.suggestions.presenting import detail
from app.suggestions.schemas import SignedAct
from app.suggestions.shown import ApprovalOut, ApprovalsOut, SuggestionOut, SuggestionsOut
from app.suggestions.signed_acts import ASSIGNMENT, SIGNED, words_of
from app.suggestions.steps import Doing
from app.suggestions.visibility import of_congress, visible

router = APIRouter(tags=["suggestions"], route_class=UnitRoute)

Signer = Annotated[Actor, Depends(holding(Permission.SUGGESTION_SIGN))]
Assigner = Annotated[Actor, Depends(holding(Permission.SUGGESTION_ASSIGN))]
Reader = Annotated[Actor, Depends(holding(Permission.SUGGESTION_READ))]


@router.get("/approvals")
async def approvals(actor: Assigner, tx: Tx) -> ApprovalsOut:
    """What waits for the chair's signature, oldest first; the office sees what it has prepared."""
    rows = await tx.exec(
        select(Approval)
        .join(Suggestion, col(Suggestion.id) == col(Approval.suggestion_id))
        .where(Approval.state == "pending", visible(actor), of_congress(actor))
        .order_by(col(Approval.id))
        .limit(200)
    )
    return ApprovalsOut(items=[ApprovalOut.model_validate(row) for row in rows])


@router.post("/suggestions/{id}/approvals/{aid}")
async def decide(case: ToSign, aid: UUID, body: DecisionIn) -> SuggestionOut:
    """The chair agrees, and the act is done as it was prepared; or refuses with the reason."""
    await _decide(case, aid, body)
    return await case.shown()


@router.post("/approvals/batch")
async def decide_batch(body: DecisionBatch, actor: Signer, tx: Tx, now: Now) -> ApprovalsOut:
    """One click for a list: all of it, or nothing."""
    found = [await tx.get(Approval, id) for id in set(body.ids)]
    if None in found:
        raise ApprovalUnknown
    shown = []
    for approval in sorted(filter(None, found), key=lambda a: (a.suggestion_id, a.id)):
        suggestion = await queries.seen_for_update(tx, approval.suggestion_id, actor)
        here = await party(tx, suggestion, actor, Permission.SUGGESTION_SIGN)
        await _decide(Case(tx, suggestion, here, now), approval.id, body)
        shown.append(ApprovalOut.model_validate(approval))
    return ApprovalsOut(items=shown)


async def _decide(case: Case, aid: UUID, body: DecisionIn) -> None:
    approval = await case.tx.get(Approval, aid, with_for_update=True)
    if approval is None or approval.suggestion_id != case.suggestion.id:
        raise ApprovalUnknown
    prepared = SIGNED[approval.act].body.model_validate(approval.body)
    assert isinstance(prepared, SignedAct)  # every signed act's body is one
    await approving.decide(
        case.tx,
        SIGNED,
        case.suggestion,
        approval,
        agree=body.agree,
        reason=body.reason,
        basis=Basis(body.basis, body.meeting_id),
        doing=Doing(case.actor, Side.CONGRESS, case.now, paper_of(prepared), words_of(prepared)),
    )


@router.post("/assignments/batch")
async def assign_batch(body: AssignmentBatch, actor: Assigner, tx: Tx, now: Now) -> SuggestionsOut:
    """交办一览表: assign a list under one signature; all of it, or nothing."""
    done = []
    for item in sorted(body.items, key=lambda item: item.suggestion_id):
        suggestion = await queries.seen_for_update(tx, item.suggestion_id, actor)
        here = await party(tx, suggestion, actor, Permission.SUGGESTION_ASSIGN)
        reviewing.need_office(here, suggestion)
        basis = Basis(body.approval.basis, body.approval.meeting_id) if body.approval else Basis()
        doing = Doing(here, Side.CONGRESS, now, paper_of(item))
        order = ASSIGNMENT.body.model_validate(item.model_dump(exclude={"suggestion_id"}))
        await approving.carry_out(tx, ASSIGNMENT, suggestion, order, basis, doing)
        done.append(suggestion)
    return SuggestionsOut(items=[await detail(tx, suggestion, actor) for suggestion in done])


class AuthorisationIn(Body):
    """主席团授权: local dates, both inclusive.

    `act`: review, assignment, return, extension, rejection or elevation.
    """

    congress_id: UUID
    act: Short
    valid_from: date
    valid_until: date
    minutes_no: Short


class AuthorisationOut(AuthorisationIn, Out):
    id: UUID


class AuthorisationsOut(Out):
    items: list[AuthorisationOut]


@router.get("/standing-authorisations")
async def authorisations(congress_id: UUID, actor: Reader, tx: Tx) -> AuthorisationsOut:
    """What the presidium has authorised its office to do alone, newest first."""
    rows = await tx.exec(
        select(StandingAuthorisation)
        .where(StandingAuthorisation.congress_id == congress_id)
        .order_by(col(StandingAuthorisation.id).desc())
        .limit(100)
    )
    return AuthorisationsOut(items=[_authorisation(row) for row in rows])


def _authorisation(row: StandingAuthorisation) -> AuthorisationOut:
    return AuthorisationOut.model_validate(row.model_dump())


@router.post("/standing-authorisations", status_code=201)
async def authorise(body: AuthorisationIn, actor: Signer, tx: Tx, now: Now) -> AuthorisationOut:
    """By the chair of that congress, on the presidium's minutes."""
    await _own_congress(tx, actor, body.congress_id, Role.PRESIDIUM_CHAIR)
    row = StandingAuthorisation(**body.model_dump())
    tx.add(row)
    await tx.flush()
    audit.note(
        tx, "authorisation.grant", actor=actor.label, subject_kind="congress", subject_id=row.id, now=now
    )
    return _authorisation(row)


async def _own_congress(tx: Tx, actor: Actor, congress_id: UUID, *roles: Role) -> Congress:
    congress = await tx.get(Congress, congress_id)
    if congress is None:
        raise CongressUnknown
    if not (actor.in_county(*roles) or congress.region_id in actor.scopes(*roles)):
        raise NotChair
    return congress


class SessionIn(Body):
    congress_id: UUID
    term: int
    number: int
    opened_on: date
    closed_on: date | None = None


class SessionOut(SessionIn, Out):
    id: UUID


class SessionsOut(Out):
    items: list[SessionOut]


@router.get("/sessions")
async def sessions(congress_id: UUID, actor: Reader, tx: Tx) -> SessionsOut:
    """A congress's sessions, newest first."""
    rows = await tx.exec(
        select(CongressSession)
        .where(CongressSession.congress_id == congress_id)
        .order_by(col(CongressSession.opened_on).desc())
        .limit(100)
    )
    return SessionsOut(items=[SessionOut.model_validate(row.model_dump()) for row in rows])


@router.post("/sessions", status_code=201)
async def open_session(body: SessionIn, actor: Assigner, tx: Tx, now: Now) -> SessionOut:
    """Enter a session, so that what is raised in it bears its number."""
    offices = (Role.CONGRESS_OFFICE, Role.PRESIDIUM_CHAIR)
    await _own_congress(tx, actor, body.congress_id, *offices)
    row = CongressSession(**body.model_dump())
    tx.add(row)
    await tx.flush()
    audit.note(tx, "session.create", actor=actor.label, subject_kind="session", subject_id=row.id, now=now)
    return SessionOut.model_validate(row.model_dump())


class PressureOut(Out):
    id: UUID
    suggestion_id: UUID
    content: str
    at: AwareDatetime


class PressuresOut(Out):
    items: list[PressureOut]


@router.get("/pressure-reports")
async def pressure_reports(actor: Reader, tx: Tx, now: Now) -> PressuresOut:
    """Of the chair in person: those of the own congress sent to the chair; of the county's leaders, those
    sent up."""
    chair = Role.PRESIDIUM_CHAIR
    query = select(PressureReport).order_by(col(PressureReport.id).desc()).limit(100)
    if not actor.holding(chair, Role.LEADER):
        raise NotChair
    if actor.in_county(chair, Role.LEADER):
        county = (await directory.county(tx)).id
        own = col(PressureReport.region_id) == county
        query = query.where(or_(PressureReport.recipient == "county", own))
    else:
        query = query.where(
            PressureReport.recipient == "chair",
            col(PressureReport.region_id).in_(actor.scopes(chair)),
        )
    rows = (await tx.exec(query)).all()
    vault = vault_of(tx)
    for row in rows:
        audit.note(
            tx,
            "pressure_report.read",
            actor=actor.label,
            subject_kind="pressure_report",
            subject_id=row.id,
            now=now,
        )
    return PressuresOut(
        items=[
            PressureOut(
                id=row.id,
                suggestion_id=row.suggestion_id,
                content=vault.open(row.content_sealed, where=f"pressure_reports.content:{row.id}"),
                at=row.at,
            )
            for row in rows
        ]
    )
