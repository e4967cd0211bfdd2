"""A page as a response: what surrounds it, and the headers every page carries."""

from collections.abc import Mapping

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from app.pages.rendering import CONTENT_SECURITY_POLICY, render, with_big
from app.pages.views import Frame

# What stands on these pages is one person's own: no cache may keep it, no frame may show it.
HEADERS = {"Content-Security-Policy": CONTENT_SECURITY_POLICY, "Cache-Control": "no-store"}


def page(
    request: Request,
    template: str,
    view: object,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    html = render(template, view, frame=frame_of(request))
    return HTMLResponse(html, status, {**HEADERS, **(headers or {})})


def see_other(request: Request, path: str) -> Response:
    """303: a reload repeats the look, never the act. Large print goes along."""
    location = with_big(path) if is_big(request) else path
    return Response(status_code=303, headers={**HEADERS, "Location": location})


def frame_of(request: Request) -> Frame:
    return Frame(
        county=request.state.tenant.name,
        path=home_path(request),
        big=is_big(request),
        demo=request.app.state.settings.demo,
    )


def is_big(request: Request) -> bool:
    return request.query_params.get("big") == "1"


def home_path(request: Request) -> str:
    """The page itself, also when the request was one of its forms (`/o/{receipt}/messages`)."""
    return "/".join(request.url.path.split("/")[:3])


def site_of(request: Request) -> str:
    """This site's address as people reach it: it goes into the receipt's code."""
    public: str = request.app.state.settings.public_url
    return (public or str(request.base_url)).rstrip("/")
