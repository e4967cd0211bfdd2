"""Stations are public; who looks after them, and who sees which check-ins, is said here once."""

from sqlalchemy import ColumnElement, false, or_, true
from sqlmodel import col, select

from app.accounts.actor import Actor
from app.accounts.permissions import Role
from app.stations.models import CheckIn, LiaisonStation
from app.uploads.models import Upload
from app.uploads.showing import shows


def managed(actor: Actor) -> ColumnElement[bool]:
    """Stations of the office's own township; every one for the county's office."""
    if actor.in_county(Role.CONGRESS_OFFICE):
        return true()
    scopes = actor.scopes(Role.CONGRESS_OFFICE)
    return col(LiaisonStation.region_id).in_(scopes) if scopes else false()


def kept(actor: Actor) -> ColumnElement[bool]:
    """The keeper's own station."""
    stations = actor.scopes(Role.STATION_KEEPER)
    return col(LiaisonStation.id).in_(stations) if stations else false()


def in_care(actor: Actor) -> ColumnElement[bool]:
    return or_(managed(actor), kept(actor))


def own(actor: Actor) -> ColumnElement[bool]:
    """The delegate's own check-ins."""
    return col(CheckIn.delegate_id).in_(actor.delegate_ids) if actor.delegate_ids else false()


def visible(actor: Actor) -> ColumnElement[bool]:
    """Rows of `check_ins` (joined to their station) this actor may see."""
    return or_(own(actor), in_care(actor))


@shows("attendance sheets")
def sheets(actor: Actor) -> ColumnElement[bool]:
    """Scans of signed sheets, for whoever may see one of their records."""
    shown = (
        select(CheckIn.sheet_upload_id)
        .join(LiaisonStation, col(LiaisonStation.id) == col(CheckIn.station_id))
        .where(col(CheckIn.sheet_upload_id).is_not(None), visible(actor))
    )
    return col(Upload.id).in_(shown)
