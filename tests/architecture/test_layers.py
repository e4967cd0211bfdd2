"""Inside a domain imports go downward, and its rules do no input or output."""

from collections.abc import Iterable, Sequence

import pytest

from tests.architecture.layers import NOT_DOMAINS, OWN, RULES, layer_of
from tests.architecture.sources import Source, sources

OUTSIDE = {"sqlalchemy", "sqlmodel", "fastapi", "starlette", "httpx", "apscheduler", "asyncpg"}


def domain_files(files: Iterable[Source]) -> list[tuple[str, str, Source]]:
    """(package, module, source) of every file that stands in a layer."""
    placed = []
    for file in files:
        package, _, rest = file.name.partition("/")
        module = rest.partition("/")[0].removesuffix(".py")
        if rest and package not in NOT_DOMAINS and module not in {"__init__", "rulepacks"}:
            placed.append((package, module, file))
    return placed


def unlisted(files: Iterable[Source]) -> set[str]:
    return {file.name for package, module, file in domain_files(files) if layer_of(package, module) is None}


def test_every_file_of_a_domain_stands_in_a_layer() -> None:
    assert unlisted(sources()) == set()  # else: tests/architecture/layers.py


def test_an_unlisted_file_is_found() -> None:
    assert unlisted([Source("visits/musing.py", "")]) == {"visits/musing.py"}


def test_no_layer_is_given_to_a_file_that_is_gone() -> None:
    there = {(package, module) for package, module, _ in domain_files(sources())}
    assert {(package, module) for package, own in OWN.items() for module in own} - there == set()


def upward(files: Iterable[Source]) -> set[str]:
    found = set()
    for package, module, file in domain_files(files):
        own = layer_of(package, module)
        for name in file.imports:
            parts = name.split(".")
            if parts[:2] == ["app", package] and len(parts) > 2:
                other = layer_of(package, parts[2])
                if own is not None and other is not None and other < own:
                    found.add(f"{file.name} → {parts[2]}")
    return found


def test_inside_a_domain_imports_go_downward() -> None:
    assert upward(sources()) == set()


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("visits/models.py", "from app.visits.queries import seen"),
        ("visits/rules.py", "from app.visits import models"),
        ("visits/recording.py", "import app.visits.api"),
    ],
)
def test_an_upward_import_is_found(name: str, line: str) -> None:
    assert len(upward([Source(name, line)])) == 1


def pure(files: Sequence[Source]) -> list[Source]:
    """The kernel, and each domain's rules and words."""
    kernel = [file for file in files if file.name.startswith("kernel/")]
    return kernel + [
        f for package, module, f in domain_files(files) if (layer_of(package, module) or 0) >= RULES
    ]


def reached(start: Source, by_module: dict[str, Source]) -> dict[str, str]:
    """Everything a module leads to → the module of ours that imports it."""
    found: dict[str, str] = {}
    waiting = [start]
    while waiting:
        here = waiting.pop()
        for name in here.imports - found.keys():
            found[name] = here.module
            if name in by_module:
                waiting.append(by_module[name])
    return found


def impure(files: Sequence[Source]) -> set[str]:
    by_module = {file.module: file for file in files}
    return {
        f"{file.name}: {name} by {importer}"
        for file in pure(files)
        for name, importer in reached(file, by_module).items()
        if name.split(".")[0] in OUTSIDE
    }


def test_rules_do_no_input_or_output_not_even_through_others() -> None:
    assert len(pure(sources())) > 30
    assert impure(sources()) == set()


def test_a_rule_that_reaches_the_database_through_another_module_is_found() -> None:
    files = [
        Source("visits/rules.py", "from app.visits.errors import VisitUnknown"),
        Source("visits/errors.py", "import app.infra.db"),
        Source("infra/db.py", "from sqlalchemy import text"),
    ]
    assert impure(files) == {
        f"visits/{name}.py: {what} by app.infra.db"
        for name in ("rules", "errors")
        for what in ("sqlalchemy", "sqlalchemy.text")
    }
