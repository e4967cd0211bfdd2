"""Bodies of the directory."""

from uuid import UUID

from app.infra.schemas import ListQuery, Out


class DelegateQuery(ListQuery):
    congress_id: UUID | None = None
    q: str | None = None


class DelegateOut(Out):
    """A sitting delegate. The phone is shown elsewhere, by consent, one by one."""

    id: UUID
    name: str
    gender: str | None
    position: str | None
    term: int
    district: str | None
    group_name: str | None
    congress_id: UUID
    congress_name: str
    level: str


class PublicDelegateOut(Out):
    """What a station's page tells of a delegate: the seat, not the person's life."""

    id: UUID
    name: str
    term: int
    district: str | None
    group_name: str | None
    congress_id: UUID
    congress_name: str
    level: str


class UnitOut(Out):
    id: UUID
    name: str
    region_id: UUID
    parent_id: UUID | None
    may_reply: bool


class RegionOut(Out):
    id: UUID
    code: str
    name: str
    kind: str
    parent_id: UUID | None
