"""Taking a step with an opinion: the state moves, the step is appended, the clocks follow."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.accounts.permissions import Role
from app.deadlines import service as clocks
from app.deadlines.models import SubjectKind
from app.deadlines.packs import Level
from app.deadlines.service import Start, Subject
from app.infra import audit, outbox
from app.kernel.clock import local_date, machine_now
from app.kernel.events import Event
from app.opinions.events import OpinionEvent
from app.opinions.models import Opinion, OpinionStep
from app.opinions.workflow import OPENS, Act, State, advance

# What the resident's timeline shows; the rest is the office's own business.
PUBLIC = {
    Act.RECEIVE,
    Act.ASK,
    Act.SUPPLEMENT,
    Act.ANSWER,
    Act.ADOPT,
    Act.RESULT,
    Act.OUTSIDE_RESULT,
    Act.REFER,
    Act.TAKE_UP,
    Act.REPLY,
    Act.MERGE,
    Act.CONFIRM_KEPT,
    Act.TRANSFER,
    Act.RATE,
    Act.CLOSE,
    Act.REOPEN,
}


@dataclass(frozen=True)
class By:
    """Who acts. `label` goes into the audit, `name` into the history, `shown` before the resident.

    `office`: for whom a clerk acts; the resident reads that name, never the clerk's.
    """

    label: str
    name: str
    now: datetime
    historic: bool = False
    office: str = ""

    @property
    def shown(self) -> str:
        return self.office or self.name


OFFICES = (Role.CONGRESS_OFFICE, Role.PRESIDIUM_CHAIR, Role.UNIT_OFFICER, Role.UNIT_HEAD, Role.STATION_KEEPER)


def office_of(actor: Actor) -> str:
    """The office, unit or station a clerk speaks for; a delegate speaks by name, as elected."""
    for role in OFFICES:
        for post in actor.holding(role):
            return post.scope_name or "人大办公室"
    return f"人大代表{actor.name}" if actor.seats else ""


def resident(now: datetime) -> By:
    return By("resident", "群众本人", now)


def system(now: datetime) -> By:
    return By("system", "系统", now)


def staff(actor: Actor, now: datetime, *, historic: bool = False) -> By:
    return By(actor.label, actor.name, now, historic, office=office_of(actor))


async def step(tx: AsyncSession, opinion: Opinion, act: Act, by: By, *, words: str | None = None) -> None:
    left = opinion.state
    opinion.state = advance(State(left), act)
    tx.add(opinion)
    append(tx, opinion, act, left, by, words)
    if opinion.state != left:
        await settle(tx, opinion, by, reason=act)


def append(tx: AsyncSession, opinion: Opinion, act: Act, left: str, by: By, words: str | None) -> None:
    tx.add(
        OpinionStep(
            opinion_id=opinion.id,
            act=act,
            left=left,
            entered=opinion.state,
            actor=by.label,
            actor_name=by.name,
            at=by.now,
            written_at=machine_now(),
            public=act in PUBLIC,
            words=words,
        )
    )
    audit.note(
        tx,
        f"opinion.{act}",
        actor=by.label,
        subject_kind="opinion",
        subject_id=opinion.id,
        now=by.now,
    )


async def settle(tx: AsyncSession, opinion: Opinion, by: By, *, reason: str) -> None:
    """Make the opinion's open clocks those of its state."""
    await clocks.settle(
        tx,
        subject_of(opinion),
        opens=OPENS.get(State(opinion.state), ()),
        keeps=(),
        at=Start(on=local_date(by.now), now=by.now, round=opinion.round, historic=by.historic),
        reason=reason,
    )


WITH_THE_UNIT = {State.REFERRED, State.HANDLING}


def subject_of(
    opinion: Opinion, *, kind: SubjectKind = SubjectKind.OPINION, id: UUID | None = None
) -> Subject:
    """What obliges: the opinion, or a request about it. A unit's clocks are the unit's to see."""
    return Subject(
        kind=kind,
        id=id or opinion.id,
        root_id=opinion.id,
        region_id=opinion.region_id,
        level=Level.TOWNSHIP,
        unit_id=opinion.unit_id if opinion.state in WITH_THE_UNIT else None,
    )


def tell(tx: AsyncSession, kind: type[OpinionEvent], opinion: Opinion, by: By, **more: Any) -> None:
    """An accusation is as confidential as what was asked to be: no partner hears of either."""
    event: Event = kind(
        opinion_id=opinion.id,
        region_id=opinion.region_id,
        confidential=opinion.confidential or opinion.accusing,
        **more,
    )
    outbox.record(tx, event, now=by.now, history=by.historic)
