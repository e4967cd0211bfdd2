"""Bodies of opinions: the resident's and the office's."""

import re
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints, field_validator

from app.infra.schemas import Body, ListQuery, Long, Out, Reason, Short
from app.opinions.models import Satisfaction
from app.opinions.rules import Category, Route
from app.opinions.workflow import State
from app.uploads.service import MOST_PHOTOS

PHONE = re.compile(r"1[3-9]\d{9}|0\d{2,3}\d{7,8}")


def plain_phone(value: str) -> str:
    """Digits of a mainland mobile or a landline with area code; +86, spaces and dashes go."""
    digits = re.sub(r"^(\+?86)(?=1)|[\s\-－—()（）]", "", value)
    if not PHONE.fullmatch(digits):
        raise ValueError("电话号码不正确，请填写手机号或带区号的固定电话")
    return digits


Phone = Annotated[str, StringConstraints(max_length=24), AfterValidator(plain_phone)]
StationCode = Annotated[str, StringConstraints(min_length=1, max_length=16)]
Uploads = Annotated[list[UUID], Field(max_length=MOST_PHOTOS)]


class ContactIn(Body):
    name: Short
    phone: Phone
    share_with_unit: bool = False


class OpinionIn(Body):
    station_code: StationCode
    content: Long
    category: Category | None = None
    place: Short | None = None
    contact: ContactIn | None = None
    route: Route = Route.STATION
    confidential: bool = False
    upload_ids: Uploads = Field(default_factory=list)

    @field_validator("category", "place", mode="before")
    @classmethod
    def _blank_is_none(cls, value: Any) -> Any:
        return None if isinstance(value, str) and not value.strip() else value


class WalkInIn(OpinionIn):
    """Typed in at a station for somebody who came by; the receipt is printed for them."""


class ReceivedOut(Out):
    """`receipt` is shown once. `triage_due_at`: exclusive end, local midnight."""

    number: str
    receipt: str
    url: str
    triage_due_at: AwareDatetime


class WalkInOut(ReceivedOut):
    id: UUID


class TimelineOut(Out):
    at: AwareDatetime
    act: str
    state: State
    note: str | None


class MessageOut(Out):
    id: UUID
    by: Literal["office", "resident"]
    content: str
    at: AwareDatetime


class PhotoOut(Out):
    id: UUID
    url: str
    width: int
    height: int


class ResultOut(Out):
    content: str
    by: str | None
    at: AwareDatetime


class CommitmentOut(Out):
    """A promise in the reply. `owner` is the unit; `kept` the resident's own word, null until given."""

    id: UUID
    content: str
    due_on: date
    owner: str
    kept: bool | None
    note: str | None


class FollowUpOut(Out):
    """What the holder of a receipt sees."""

    number: str
    state: State
    timeline: list[TimelineOut]
    messages: list[MessageOut]
    photos: list[PhotoOut]
    result: ResultOut | None
    commitments: list[CommitmentOut]


class CommitmentWordIn(Body):
    kept: bool
    note: Reason | None = None


class PublicationIn(Body):
    """`content` and `result`: the words for everybody; left out, those of the file without names."""

    public: bool
    content: Long | None = None
    result: Long | None = None


class MessageIn(Body):
    content: Long


class RatingIn(Body):
    satisfied: Satisfaction
    comment: Reason | None = None


class ReopeningIn(Body):
    reason: Reason


class DelegateOnDuty(Out):
    delegate_id: UUID
    name: str
    level: str
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    phone: str | None


class CategoryOut(Out):
    code: Category
    name: str


class AnswerOut(Out):
    """A published answer: the township only, no place, no names."""

    township: str
    category: str | None
    content: str
    result: str
    at: AwareDatetime


class StationView(Out):
    code: str
    name: str
    tier: str
    township: str
    address: str
    hours: str
    phone: str | None
    open: bool
    delegates: list[DelegateOnDuty]
    categories: list[CategoryOut]
    answers: list[AnswerOut]
    form_token: str


class OpinionQuery(ListQuery):
    state: State | None = None
    station_id: UUID | None = None
    category: Category | None = None
    q: Annotated[str, Field(max_length=80)] | None = None


class BeyondOut(Out):
    """An opinion that skipped the station: its number and the local day it came, nothing else."""

    number: str
    received_on: date


class OpinionSummary(Out):
    id: UUID
    number: str
    state: State
    category: Category | None
    station_id: UUID | None
    region_id: UUID
    content: str
    source: str
    confidential: bool
    created_at: AwareDatetime
    suggestion_id: UUID | None


class OpinionStepOut(Out):
    act: str
    left: str
    entered: str
    actor_name: str | None
    at: AwareDatetime
    words: str | None


class MaskedContact(Out):
    name: str
    phone: str
    share_with_unit: bool


class OpinionOut(OpinionSummary):
    place: str | None
    audience: Route
    contact: MaskedContact | None
    result: ResultOut | None
    told_at: AwareDatetime | None
    told_how: str | None
    rating: str | None
    rating_comment: str | None
    unit_id: UUID | None
    merged_into_id: UUID | None
    transferred_to: str | None
    transfer_reference: str | None
    allowed: list[str]
    steps: list[OpinionStepOut]
    messages: list[MessageOut]
    photos: list[PhotoOut]


class RecommendationIn(Body):
    what: Literal["answer", "adopt", "refer", "transfer", "merge"]
    note: Reason


class AnswerIn(Body):
    content: Long


class AdoptionIn(Body):
    title: Short
    analysis: Long
    proposal: Long
    category: Short | None = None
    opinion_ids: list[UUID] = Field(default_factory=list, max_length=50)


class AdoptedOut(Out):
    """`id` is the draft suggestion's."""

    id: UUID
    state: str
    title: str
    opinion_ids: list[UUID]


class TransferIn(Body):
    to: Literal["petition", "hotline", "discipline", "other"]
    reason: Reason
    reference: Short | None = None


class ToldIn(Body):
    how: Literal["phone", "visit", "posted"]
    note: Reason | None = None


class ContactRevealIn(Body):
    reason: Reason


class ContactOut(Out):
    name: str
    phone: str
