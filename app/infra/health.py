"""`/health/live`, `/health/ready`, `/metrics`: for the people and programs who run it.

Both of the latter tell whether the sweep over the clocks still runs: it is the worker's, and who would
notice that nobody is warned any more? It makes no web process unready: one outage must not become two.
"""

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from app.infra.http_errors import database_away
from app.infra.jobs import last_sweep
from app.infra.metrics import SWEEP_AGE, SWEEP_ALARM
from app.kernel.clock import machine_now

router = APIRouter(tags=["operations"], include_in_schema=False)


@router.get("/health/live")
async def live() -> PlainTextResponse:
    """The process answers; says nothing of the database."""
    return PlainTextResponse("ok")


@router.get("/health/ready")
async def ready(request: Request) -> JSONResponse:
    """Ready to be sent requests: the database answers and this process is not stopping."""
    if getattr(request.app.state, "stopping", False):
        return JSONResponse({"ready": False, "why": "stopping"}, 503)
    try:
        swept = await _look(request)
    except Exception as error:
        if not database_away(error):
            raise
        return JSONResponse({"ready": False, "why": "database away"}, 503)
    return JSONResponse({"ready": True, "sweep": swept.shown()})


@dataclass(frozen=True)
class Sweep:
    """`age`: seconds since the county swept longest ago was swept well."""

    age: float
    limit: int

    @property
    def alarm(self) -> bool:
        return self.age > self.limit

    def shown(self) -> dict[str, int | bool]:
        return {"age_seconds": round(self.age), "alarm": self.alarm}


async def _look(request: Request) -> Sweep:
    request.app.state.last_sweep = await last_sweep(request.app.state.database)
    return _known(request)


def _known(request: Request) -> Sweep:
    """By what was seen last: the age grows on while the database is away."""
    at: datetime | None = getattr(request.app.state, "last_sweep", None)
    age = (machine_now() - at).total_seconds() if at else 0.0
    return Sweep(max(age, 0.0), request.app.state.settings.sweep_alarm_seconds)


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    try:
        swept = await _look(request)
    except Exception as error:
        if not database_away(error):
            raise
        swept = _known(request)
    SWEEP_AGE.set(swept.age)
    SWEEP_ALARM.set(swept.alarm)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
