"""Routes that everybody asks for all day, answered without the framework's solving of dependencies.

The endpoint stays an ordinary one: its signature is what the document shows and tests walk. `solve` finds
the same arguments in fewer steps, and must refuse what the signature refuses. Half of a small request's
time was the solving (bench/profile.md).
"""

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
Solve = Callable[[Request], Coroutine[Any, Any, dict[str, Any]]]  # → the endpoint's arguments
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
Asked = TypeVar("Asked", bound=BaseModel)


class HotRoute(APIRoute):
    """Calls the endpoint with what `asked_by` put beside it finds in the request."""

    def get_route_handler(self) -> Handler:
        solve: Solve | None = getattr(self.endpoint, "solve", None)
        if solve is None:
            return super().get_route_handler()
        endpoint = self.endpoint

        async def handle(request: Request) -> Response:
            answer: Response = await endpoint(**await solve(request))
            return answer

        return handle


def asked_by(solve: Solve) -> Callable[[Endpoint], Endpoint]:
    """Let `solve` find the arguments of the endpoint below."""

    def mark(endpoint: Endpoint) -> Endpoint:
        endpoint.solve = solve  # type: ignore[attr-defined]
        return endpoint

    return mark


def query_of(request: Request, model: type[Asked]) -> Asked:
    """The query string as the endpoint's model; refused as the framework would refuse it."""
    try:
        return model.model_validate(dict(request.query_params))
    except ValidationError as error:
        raise _refused(error, "query") from error


def path_of(request: Request, model: type[Asked]) -> Asked:
    """The path's parameters as a model."""
    try:
        return model.model_validate(request.path_params)
    except ValidationError as error:
        raise _refused(error, "path") from error


def _refused(error: ValidationError, where: str) -> RequestValidationError:
    return RequestValidationError([{**one, "loc": (where, *one["loc"])} for one in error.errors()])
