"""`/api/v1/me/*` and stand-ins: how one wants to be told, when one is away, who hears meanwhile."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from app.accounts.deps import CurrentActor
from app.infra.deps import Now, Tx
from app.infra.schemas import ListQuery, PageOut
from app.infra.unit_route import UnitRoute
from app.kernel.clock import local_date
from app.kernel.paging import EPOCH, Cursor, page_of
from app.notifications import settling_in, standing_in, subscribing
from app.notifications.models import Absence
from app.notifications.schemas import (
    AbsenceIn,
    AbsenceOut,
    PreferencesIn,
    PreferencesOut,
    StandInIn,
    StandInOut,
    SubscriptionsIn,
    SubscriptionsOut,
)
from app.settings import Settings

router = APIRouter(tags=["alerts"], route_class=UnitRoute)


@router.get("/me/notification-preferences")
async def preferences(actor: CurrentActor, tx: Tx) -> PreferencesOut:
    """How I am told beside the inbox."""
    return await settling_in.preferences(tx, actor)


@router.put("/me/notification-preferences")
async def prefer(body: PreferencesIn, actor: CurrentActor, tx: Tx, now: Now) -> PreferencesOut:
    """My order of ways, my quiet time, one digest a day; the inbox always stays."""
    return await settling_in.prefer(tx, actor, body, now=now)


@router.put("/me/absence", response_model=AbsenceOut)
async def be_absent(body: AbsenceIn, actor: CurrentActor, tx: Tx, now: Now) -> Absence:
    """Away from one day to another; my phone stays silent and the stand-in hears. Without days: back."""
    return await settling_in.be_absent(tx, actor, body, now=now)


@router.put("/me/subscriptions")
async def subscribe(body: SubscriptionsIn, request: Request, actor: CurrentActor, tx: Tx) -> SubscriptionsOut:
    """What I tapped in WeChat's prompt (订阅消息), by template: how many messages may still come."""
    settings: Settings = request.app.state.settings
    return SubscriptionsOut(left=await subscribing.report(tx, actor, body.templates, settings))


@router.get("/stand-ins")
async def stand_ins(
    asked: Annotated[ListQuery, Query()], actor: CurrentActor, tx: Tx, now: Now
) -> PageOut[StandInOut]:
    """Arrangements in force or to come for people of my unit or township, newest first."""
    rows = await standing_in.of_colleagues(
        tx, actor.id, on=local_date(now), after=asked.after, limit=asked.limit + 1
    )
    page = page_of(rows, limit=asked.limit, key=lambda row: Cursor(EPOCH, row[0].id))
    items = [
        StandInOut(**row.model_dump(), name=name, stand_in_name=other) for row, name, other in page.items
    ]
    return PageOut(items=items, next_cursor=page.next_cursor)


@router.post("/stand-ins", status_code=201)
async def arrange(body: StandInIn, actor: CurrentActor, tx: Tx, now: Now) -> StandInOut:
    """Who hears in my place, or in a colleague's, whenever that person is away."""
    made = await settling_in.arrange(tx, actor, body, now=now)
    return StandInOut(
        **made.model_dump(),
        name=await settling_in.name_of(tx, made.account_id),
        stand_in_name=await settling_in.name_of(tx, made.stand_in_id),
    )
