"""Who sees which visit: one predicate for lists, one record and export alike."""

from sqlalchemy import ColumnElement, false, or_, true
from sqlmodel import col, select

from app.accounts.actor import Actor
from app.accounts.permissions import Role
from app.uploads.models import Upload
from app.uploads.showing import shows
from app.visits.models import VisitPhoto, VoterVisit

CONGRESS_SIDE = (Role.CONGRESS_OFFICE, Role.PRESIDIUM_CHAIR, Role.LEADER)


def visible(actor: Actor) -> ColumnElement[bool]:
    """A delegate's own; those of the region for its office and chair; every one for the county's."""
    if actor.in_county(*CONGRESS_SIDE):
        return true()
    shown: list[ColumnElement[bool]] = []
    if actor.delegate_ids:
        shown.append(col(VoterVisit.delegate_id).in_(actor.delegate_ids))
    if scopes := actor.scopes(*CONGRESS_SIDE):
        shown.append(col(VoterVisit.region_id).in_(scopes))
    return or_(false(), *shown)


@shows("visits")
def photos(actor: Actor) -> ColumnElement[bool]:
    """Photos of the visits this actor may see."""
    shown = (
        select(VisitPhoto.upload_id)
        .join(VoterVisit, col(VoterVisit.id) == col(VisitPhoto.visit_id))
        .where(visible(actor))
    )
    return col(Upload.id).in_(shown)
