"""A synchronous dependency costs a trip through a thread on every request: measured, half of the POST."""

import inspect
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts


def dependencies(dependant: Dependant) -> Iterator[Dependant]:
    for inner in dependant.dependencies:
        yield inner
        yield from dependencies(inner)


def _awaited(call: Any) -> bool:
    own = call if inspect.isfunction(call) or inspect.ismethod(call) else call.__call__
    return inspect.iscoroutinefunction(own) or inspect.isasyncgenfunction(own)


def threaded(app: FastAPI) -> set[str]:
    return {
        getattr(inner.call, "__qualname__", str(inner.call))
        for route in iter_route_contexts(app.routes)
        if isinstance(route.original_route, APIRoute)
        for inner in dependencies(route.dependant)
        if inner.call is not None and not _awaited(inner.call)
    }


def test_no_dependency_goes_through_a_thread(app: FastAPI) -> None:
    assert threaded(app) == set()
