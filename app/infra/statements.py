"""Our own SQL for the driver: readable names in the source, numbers on the wire."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NAME = re.compile(r"(?<!:):([a-z_]+)")


@dataclass(frozen=True)
class Statement:
    """`sql` has $1, $2 …; `names` says which parameter each is."""

    sql: str
    names: tuple[str, ...]

    def values(self, given: Mapping[str, Any]) -> list[Any]:
        return [given[name] for name in self.names]


def numbered(sql: str) -> Statement:
    """`:name` → `$n`, the same number for the same name; `::type` is left alone."""
    names: list[str] = []

    def number(found: re.Match[str]) -> str:
        name = found[1]
        if name not in names:
            names.append(name)
        return f"${names.index(name) + 1}"

    return Statement(NAME.sub(number, sql), tuple(names))
