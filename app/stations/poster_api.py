"""`…/poster.png`, `…/poster.pdf`: drawn in a thread, after the transaction that read the facts."""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Request, Response

from app.accounts.deps import UnitsOf, current_actor
from app.accounts.permissions import Permission
from app.directory import queries as directory
from app.settings import Settings
from app.stations import queries
from app.stations.models import LiaisonStation, Tier
from app.stations.poster import StationPoster, as_pdf, as_png

router = APIRouter(prefix="/stations", tags=["stations"])

TIERS = {Tier.CENTER: "中心联络站", Tier.STATION: "联络站", Tier.POINT: "联络点"}


Bearer = Annotated[str | None, Header()]


async def facts(id: UUID, request: Request, units: UnitsOf, bearer: str | None) -> StationPoster:
    """What the poster says, read in a short unit of its own, which ends before anything is drawn."""
    async with units() as tx:
        actor = await current_actor(request, tx, bearer)
        actor.need(Permission.STATION_READ)
        station = await queries.station(tx, id)
        county = await directory.county(tx)
    return poster_of(station, county=county.name, settings=request.app.state.settings)


def poster_of(station: LiaisonStation, *, county: str, settings: Settings) -> StationPoster:
    return StationPoster(
        county=county,
        name=station.name,
        tier=TIERS[Tier(station.tier)],
        link=f"{settings.base_url}/s/{station.code}",
        address=station.address,
        reception_days=station.hours,
        phone=station.phone,
        demo=settings.demo,
    )


@router.get("/{id}/poster.png", response_class=Response, responses={200: {"content": {"image/png": {}}}})
async def poster_png(id: UUID, request: Request, units: UnitsOf, authorization: Bearer = None) -> Response:
    """An A4 page at 300 dpi with the station's QR code; 503 where the host has no Chinese font."""
    poster = await facts(id, request, units, authorization)
    drawn = await asyncio.to_thread(as_png, poster)
    return Response(drawn, media_type="image/png")


@router.get(
    "/{id}/poster.pdf", response_class=Response, responses={200: {"content": {"application/pdf": {}}}}
)
async def poster_pdf(id: UUID, request: Request, units: UnitsOf, authorization: Bearer = None) -> Response:
    """The same page, to print."""
    poster = await facts(id, request, units, authorization)
    drawn = await asyncio.to_thread(as_pdf, poster)
    return Response(drawn, media_type="application/pdf")
