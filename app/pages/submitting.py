"""The form of a station's page on its way in: photos first, then one unit, then receipt or form again.

Nothing that was written is ever lost: whatever is refused comes back with its values and photos.
"""

from dataclasses import dataclass, replace
from typing import Any

from fastapi import Request, Response

from app.infra.deps import vault_of_request
from app.infra.http_errors import status_of
from app.infra.idempotency import InProgress, KeyReused, KeyUnfit
from app.infra.unit_route import Handler, UnitRoute
from app.kernel.errors import DomainError
from app.opinions.schemas import OpinionIn
from app.pages import presenting
from app.pages.failing import facts, not_received
from app.pages.forms import FieldsWrong, canonical, ids_of, legible, named, opinion_in, read_opinion
from app.pages.page_route import as_page
from app.pages.photos import Arrived, arrive, still_waiting
from app.pages.responding import page
from app.pages.views import FieldError, OpinionForm
from app.stations import queries as stations
from app.stations.errors import StationClosed, StationUnknown
from app.uploads.errors import FormTokenInvalid
from app.uploads.service import form_owner

KINDER: dict[type[DomainError], str] = {
    FormTokenInvalid: "这一页打开太久了。您写的都还在，请再点一次提交；照片请重新选一次",
    KeyUnfit: "这一页没有打开完整。您写的都还在，请再点一次提交",
    KeyReused: "这一页刚才已经提交过一份意见。如果这是另一件事，请再点一次提交",
    InProgress: "正在提交，请过几秒再点一次提交，就能看到回执",
}
FIELDS = {"upload_ids": "photos", "contact.phone": "contact_phone"}


@dataclass(frozen=True)
class Attempt:
    """What one press of the button brought, photos stored. `said` makes two presses the same."""

    form: OpinionForm
    body: OpinionIn
    said: dict[str, Any]


class FormRefused(Exception):
    def __init__(self, form: OpinionForm, errors: tuple[FieldError, ...], status: int = 422) -> None:
        super().__init__("the form goes back to be mended")
        self.form = form
        self.errors = errors
        self.status = status


class OpinionFormRoute(UnitRoute):
    def get_route_handler(self) -> Handler:
        return as_page(photos_first(super().get_route_handler()))


def photos_first(one_unit: Handler) -> Handler:
    """Read and store what came; then `one_unit` with `request.state.attempt`; refusals by the form."""

    async def handle(request: Request) -> Response:
        code = station_code(request.path_params["code"])
        sent = await read_opinion(request)
        form = sent.form
        try:
            owner = form_owner(vault_of_request(request), form.form_token)
            arrived = await arrive(request, owner, sent.files, kept=len(form.kept_photos))
            form = _with_photos(form, arrived)
            request.state.attempt = _attempt(form, arrived, sent.form, code)
            return await one_unit(_already_read(request))
        except FormRefused as refused:
            return await _again(request, refused.form, refused.errors, refused.status)
        except (StationUnknown, StationClosed):
            return await _again(request, form, (), 404)
        except DomainError as refusal:
            return await _refused(request, form, refusal)
        except Exception as error:  # whatever it is, what was written goes back to its writer
            return not_received(request, error, form)

    return handle


def station_code(code: str) -> str:
    """As printed; StationUnknown for what no station's code could be."""
    if not (code.isascii() and code.isalnum() and len(code) <= 16):
        raise StationUnknown
    return code.upper()


def _with_photos(form: OpinionForm, arrived: Arrived) -> OpinionForm:
    return replace(form, kept_photos=named(dict.fromkeys([*ids_of(form), *arrived.ids])))


def _attempt(form: OpinionForm, arrived: Arrived, sent: OpinionForm, code: str) -> Attempt:
    """FormRefused with everything there is to mend, photos and fields at once."""
    try:
        body = opinion_in(form, code)
    except FieldsWrong as wrong:
        raise FormRefused(form, (*wrong.errors, *arrived.errors), max(422, arrived.status)) from wrong
    if arrived.errors:
        raise FormRefused(form, arrived.errors, arrived.status)
    return Attempt(form, body, canonical(sent, arrived.digests))


def _already_read(request: Request) -> Request:
    """The same request for those behind, its body spent: they need only what came of it."""

    async def nothing_more() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    return Request(request.scope, nothing_more)


async def _refused(request: Request, form: OpinionForm, refusal: DomainError) -> Response:
    status, told, headers = facts(request, refusal)
    if isinstance(refusal, FormTokenInvalid):
        form, status = replace(form, form_token=""), 422
    if isinstance(refusal, KeyUnfit | KeyReused):
        form, status = replace(form, key=presenting.new_key()), status_of(KeyReused)
    field = FIELDS.get(refusal.facts.get("field", ""))
    error = FieldError(field=field, message=KINDER.get(type(refusal), told))
    return await _again(request, form, (error,), status, headers)


async def _again(
    request: Request,
    form: OpinionForm,
    errors: tuple[FieldError, ...],
    status: int,
    headers: dict[str, str] | None = None,
) -> Response:
    """The station's page with the form as it was sent; StationUnknown if there is none."""
    now = await request.app.state.now()
    tenant = request.state.tenant
    async with request.app.state.database.unit(tenant, write=False) as tx:
        station = await stations.by_code(tx, station_code(request.path_params["code"]))
        if station is None:
            raise StationUnknown
        if station.closed_at is not None:
            return page(request, "station_closed.html", await presenting.closed_station(tx, station), 410)
        waiting = named(await still_waiting(tx, ids_of(form)))
        shown = replace(legible(form), kept_photos=waiting)
        view = await presenting.station_page(
            tx, station, county=tenant.name, now=now, form=shown, errors=errors
        )
    return page(request, "station.html", view, status, headers)
