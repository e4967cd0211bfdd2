"""`/api/v1/suggestions/{id}/papers`: papers to print, sign and stamp, and their scans back in the file."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from app.accounts.actor import Actor
from app.accounts.deps import holding
from app.accounts.permissions import Permission
from app.infra.deps import Now, Tx
from app.infra.unit_route import UnitRoute
from app.kernel.clock import local_date
from app.reports import filing, paper_reading, papers, registers, reporting
from app.reports.api import Counting
from app.reports.blanks import TEMPLATES
from app.reports.errors import PaperTemplateBroken
from app.reports.filling import MEDIA_TYPE, TemplateBroken, filled
from app.reports.paper_kinds import NAMES, PaperKind
from app.reports.schemas import PaperIn, PaperOut, PapersOut, RegisterQuery
from app.reports.workbook import DEMO
from app.settings import Settings
from app.suggestions.oversight_models import PaperFiled

router = APIRouter(tags=["reports"], route_class=UnitRoute)
Reader = Annotated[Actor, Depends(holding(Permission.SUGGESTION_READ))]
DOCX: dict[int | str, dict[str, Any]] = {200: {"content": {MEDIA_TYPE: {}}}}


@router.get("/suggestions/{id}/papers/{kind}.docx", response_class=Response, responses=DOCX)
async def paper(
    id: UUID,
    kind: PaperKind,
    request: Request,
    actor: Reader,
    tx: Tx,
    now: Now,
    assignment_id: Annotated[UUID | None, Query()] = None,
) -> Response:
    """To print, sign and stamp; says no more than the reader sees of the suggestion."""
    reading = await paper_reading.read(tx, id, kind, actor, assignment_id)
    facts = await papers.facts(reading, kind, today=local_date(now))
    return await _printed(request, kind, NAMES[kind], facts)


@router.get("/papers/assignment-list.docx", response_class=Response, responses=DOCX)
async def assignment_list(
    asked: Annotated[RegisterQuery, Query()], request: Request, actor: Counting, tx: Tx, now: Now
) -> Response:
    """交办一览表, under the filters of the registers."""
    found = await registers.entries(tx, actor, asked)
    facts = {"rows": registers.assignment_facts(found), "dated": papers.day(local_date(now))}
    return await _printed(request, "assignment_list", "交办一览表", facts)


@router.get("/handling-reports/{id}/report.docx", response_class=Response, responses=DOCX)
async def report(id: UUID, request: Request, actor: Reader, tx: Tx) -> Response:
    """The yearly report, without its annexes."""
    found = await reporting.seen(tx, id, actor)
    facts = {
        "title": found.title,
        "congress": found.congress_name,
        "sections": found.sections,
        "dated": papers.day(found.published_at or found.approved_at),
    }
    return await _printed(request, "handling_report", found.title, facts)


async def _printed(request: Request, kind: str, name: str, facts: Mapping[str, Any]) -> Response:
    settings: Settings = request.app.state.settings
    template = _template(settings, request.state.tenant.slug, kind)
    facts = {"demo": DEMO if settings.demo else "", **facts}
    try:
        content = await asyncio.to_thread(lambda: filled(template.read_bytes(), facts))
    except TemplateBroken as error:
        raise PaperTemplateBroken(str(error)) from error
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}.docx"}
    return Response(content, media_type=MEDIA_TYPE, headers=headers)


def _template(settings: Settings, slug: str, kind: str) -> Any:
    """The county's own, the installation's, else the shipped one."""
    own = settings.papers_dir
    places = [own / slug, own] if own else []
    found = (place / f"{kind}.docx" for place in (*places, TEMPLATES))
    return next(path for path in found if path.is_file())


@router.post("/suggestions/{id}/papers", status_code=201, response_model=PaperOut)
async def file_paper(id: UUID, body: PaperIn, actor: Reader, tx: Tx, now: Now) -> PaperFiled:
    """Put a signed scan into the file: the office any, a unit its own reply or record of a talk."""
    return await filing.file(tx, id, **body.model_dump(), actor=actor, now=now)


@router.get("/suggestions/{id}/papers")
async def filed_papers(id: UUID, actor: Reader, tx: Tx) -> PapersOut:
    """The scans of this file that the reader may see."""
    rows = await filing.filed(tx, id, actor)
    return PapersOut(items=[PaperOut.model_validate(row) for row in rows])
