"""What the templates are given, and nothing else: a template asks no database and no clock.

Every view is already a public projection. Whoever fills one decides what may be seen (domain.md 3
and 7); whatever lies in it is shown. Words are Chinese as people read them, instants are aware,
links are paths of this site unless the field says absolute. Texts are shown as typed and escaped.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

Route = Literal["station", "township", "county"]
Satisfaction = Literal["satisfied", "basically", "unsatisfied"]
OpinionState = Literal[
    "received",
    "referred",
    "handling",
    "awaiting_resident",
    "adopted",
    "transferred",
    "merged",
    "answered",
    "told",
    "closed",
    "reopened",
]


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What surrounds a page. `path`: the request's, without query: large print (大字版) leads back to it."""

    county: str
    path: str
    big: bool = False
    demo: bool = False


@dataclass(frozen=True, kw_only=True)
class FieldError:
    """`field`: the id of what to mend, the form field's name, `photos`, `contact` for name and phone
    together, `note-<id>` beside a commitment. None: the form as a whole (an expired form token, say)."""

    field: str | None
    message: str


@dataclass(frozen=True, kw_only=True)
class StationLink:
    code: str
    name: str
    tier: str
    township: str
    address: str | None = None


@dataclass(frozen=True, kw_only=True)
class DutyDelegate:
    """A delegate receiving voters today. `phone` only with the delegate's recorded consent."""

    name: str
    title: str
    hours: str | None = None
    phone: str | None = None


@dataclass(frozen=True, kw_only=True)
class Category:
    code: str
    name: str


@dataclass(frozen=True, kw_only=True)
class CategoryGroup:
    name: str
    categories: tuple[Category, ...]


@dataclass(frozen=True, kw_only=True)
class PublishedAnswer:
    """Safe for a whole county to read: the township only, no person, no village (domain.md 7)."""

    township: str
    category: str
    question: str
    answer: str
    answered_by: str
    answered_on: date


@dataclass(frozen=True, kw_only=True)
class PrivacyNotice:
    """Who keeps what is written, and whom to ask (个人信息保护法 §17)."""

    handler: str
    phone: str | None


@dataclass(frozen=True, kw_only=True)
class KeptPhoto:
    """A photo that arrived with an earlier, refused attempt: it need not be chosen again."""

    id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class OpinionForm:
    """Values as typed. `key` is the idempotency key (UUID), `form_token` admits the photos."""

    key: str
    form_token: str
    content: str = ""
    category: str = ""
    place: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    share_with_unit: bool = False
    route: Route = "station"
    confidential: bool = False
    kept_photos: tuple[KeptPhoto, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StationPage:
    """`township_office` receives what goes past the station: 某镇人大, in a street 某街道人大工委."""

    code: str
    name: str
    tier: str
    township: str
    address: str
    hours: str
    phone: str | None
    township_office: str
    duty: tuple[DutyDelegate, ...]
    next_reception: str | None
    categories: tuple[CategoryGroup, ...]
    answers: tuple[PublishedAnswer, ...]
    privacy: PrivacyNotice
    form: OpinionForm
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ClosedStationPage:
    """A station that takes nothing any more, and where to go instead."""

    name: str
    tier: str
    township: str
    township_office: str
    phone: str | None
    elsewhere: tuple[StationLink, ...]


@dataclass(frozen=True, kw_only=True)
class SubmittedPage:
    """`link`: absolute, for the QR code; `triage_due_at`: exclusive end; `shown`: the receipt in groups."""

    number: str
    receipt: str
    shown: str
    link: str
    station: str
    triage_due_at: datetime
    photos: int = 0
    contact_given: bool = False


@dataclass(frozen=True, kw_only=True)
class TimelineEntry:
    at: datetime
    title: str
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class Message:
    at: datetime
    by: Literal["office", "resident"]
    content: str


@dataclass(frozen=True, kw_only=True)
class Photo:
    """`url` and `thumbnail` are paths; width and height in pixels are the thumbnail's."""

    url: str
    thumbnail: str
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class Result:
    """`title` names the outcome: 代表答复, 办理结果, 已转其他渠道 …; `reference` where it went."""

    title: str
    by: str
    at: datetime
    content: str
    reference: str | None = None


@dataclass(frozen=True, kw_only=True)
class Commitment:
    """A promise (承诺事项). `kept` is the resident's word, None until given; `note` as typed."""

    id: str
    content: str
    due_on: date
    owner: str
    may_confirm: bool = False
    kept: bool | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Rating:
    satisfied: Satisfaction
    at: datetime
    comment: str | None = None


@dataclass(frozen=True, kw_only=True)
class FollowUpForm:
    """Values of whichever form came back with an error (`notes` by commitment); one key serves all."""

    key: str
    message: str = ""
    satisfied: Satisfaction | None = None
    comment: str = ""
    reopening: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class FollowUpPage:
    """`next_due_at`: exclusive end of the clock now running, `late` when passed; `notice` confirms an act."""

    number: str
    receipt: str
    state: OpinionState
    station: str
    submitted_at: datetime
    content: str
    category: str | None
    place: str | None
    next_due_at: datetime | None
    late: bool
    timeline: tuple[TimelineEntry, ...]
    messages: tuple[Message, ...]
    photos: tuple[Photo, ...]
    result: Result | None
    commitments: tuple[Commitment, ...]
    rating: Rating | None
    may_message: bool
    may_rate: bool
    may_reopen: bool
    form: FollowUpForm
    notice: str | None = None
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ReceiptUnknownPage:
    """No opinion has this receipt; the page lets it be typed again. It never echoes the attempt."""

    help_phone: str | None = None


@dataclass(frozen=True, kw_only=True)
class TooManyPage:
    """`retry_after`: whole seconds."""

    retry_after: int


@dataclass(frozen=True, kw_only=True)
class ErrorPage:
    """`back`: a path worth trying next; `again`: what was not received, to be sent there once more."""

    status: int
    title: str
    detail: str
    request_id: str | None = None
    back: str | None = None
    again: OpinionForm | None = None


@dataclass(frozen=True, kw_only=True)
class HomePage:
    """Stations to choose from: in the demo only; a real county's are found by their posters."""

    stations: tuple[StationLink, ...]
