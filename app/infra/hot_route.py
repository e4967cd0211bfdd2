"""Routes that everybody asks for all day, answered without the framework's solving of dependencies.

The endpoint's signature is still what the document shows and what tests walk; `answer` does the work and
must come to the same: the same actor, the same refusals. Half of a small request's time was the solving
(bench/profile.md).
"""

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError

Answer = Callable[[Request], Coroutine[Any, Any, Response]]
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
Asked = TypeVar("Asked", bound=BaseModel)


class HotRoute(APIRoute):
    """Answers with what `answered_by` put beside the endpoint."""

    def get_route_handler(self) -> Answer:
        answer: Answer | None = getattr(self.endpoint, "answer", None)
        return answer or super().get_route_handler()


def answered_by(answer: Answer) -> Callable[[Endpoint], Endpoint]:
    """Mark the endpoint below as documentation of `answer`."""

    def mark(endpoint: Endpoint) -> Endpoint:
        endpoint.answer = answer  # type: ignore[attr-defined]
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
