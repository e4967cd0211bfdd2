"""A page's route: one unit of work, and errors as pages."""

from fastapi import Request, Response
from starlette.requests import ClientDisconnect

from app.infra.unit_route import Handler, UnitRoute
from app.pages.failing import failed
from app.pages.responding import HEADERS


class PageRoute(UnitRoute):
    def get_route_handler(self) -> Handler:
        return as_page(super().get_route_handler())


def as_page(inner: Handler) -> Handler:
    """The same handler, answering with a page whatever is raised."""

    async def handle(request: Request) -> Response:
        try:
            response = await inner(request)
        except ClientDisconnect:
            raise
        except Exception as error:  # a person waits for an answer
            return failed(request, error)
        finally:
            await request.close()  # a form's files lie open on the disk until then
        response.headers.update(HEADERS)  # an answer kept for a repeated press carries them too
        return response

    return handle
