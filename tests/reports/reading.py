"""Reading figures and registers by HTTP."""

import io
from typing import Any

from openpyxl import load_workbook

from tests.people import get
from tests.suggestions.desk import Desk

OVERVIEW = "/api/v1/statistics/overview"
Figures = dict[str, dict[str, Any]]


async def overview(desk: Desk, who: str, query: str = "") -> dict[str, Any]:
    answer = await get(desk.client, f"{OVERVIEW}{query}", desk.county[who])
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def by_key(figures: list[dict[str, Any]]) -> Figures:
    return {figure["key"]: figure for figure in figures}


async def figures(desk: Desk, who: str, query: str = "") -> Figures:
    return by_key((await overview(desk, who, query))["figures"])


def share(figure: dict[str, Any]) -> tuple[int | None, int | None]:
    return figure["numerator"], figure["denominator"]


def left_out(figure: dict[str, Any]) -> dict[str, int]:
    return {out["why"]: out["count"] for out in figure["excluded"]}


async def listed(desk: Desk, who: str, path: str) -> list[dict[str, Any]]:
    """Every page of a list."""
    items: list[dict[str, Any]] = []
    mark = "&" if "?" in path else "?"
    cursor = ""
    while True:
        answer = await get(desk.client, f"{path}{mark}limit=2{cursor}", desk.county[who])
        assert answer.status_code == 200, answer.text
        items += answer.json()["items"]
        if not answer.json()["next_cursor"]:
            return items
        cursor = f"&cursor={answer.json()['next_cursor']}"


async def exported(desk: Desk, who: str, query: str = "", name: str = "suggestions") -> list[list[Any]]:
    """The rows of a register, below its headings."""
    answer = await get(desk.client, f"/api/v1/registers/{name}.xlsx{query}", desk.county[who])
    assert answer.status_code == 200, answer.text
    book = load_workbook(io.BytesIO(answer.content))
    assert book.active is not None
    return [list(row) for row in book.active.iter_rows(min_row=3, values_only=True)]
