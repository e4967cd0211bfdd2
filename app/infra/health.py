"""`/health/live`, `/health/ready`, `/metrics`: for the people and programs who run it."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text

from app.infra.db import sql
from app.infra.http_errors import database_away

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
        async with request.app.state.database.platform() as tx:
            await sql(tx, text("SELECT 1"))
    except Exception as error:
        if not database_away(error):
            raise
        return JSONResponse({"ready": False, "why": "database away"}, 503)
    return JSONResponse({"ready": True})


@router.get("/metrics")
async def metrics() -> Response:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
