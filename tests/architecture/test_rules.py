"""What must hold of the whole program, whoever adds the next file. Each guard is shown to bite."""

import ast
from collections import Counter
from collections.abc import Iterable, Iterator

import pytest

from app import worker
from app.infra.http_errors import status_of
from app.infra.jobs import REGISTRY
from app.kernel.errors import DomainError
from app.settings import Settings
from app.worker import trigger_of
from tests.architecture.sources import APP, Source, sources

LONGEST_FILE = 300
LONGEST_FUNCTION = 50


def planted(text: str, name: str = "suggestions/planted.py") -> list[Source]:
    return [Source(name, text)]


# One clock.

CLOCKS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
    ("time", "localtime"),
    ("time", "gmtime"),
}


def clock_readers(files: Iterable[Source]) -> set[str]:
    return {
        file.name
        for file in files
        for owner, method in file.method_calls
        if (owner.rpartition(".")[2], method) in CLOCKS
    }


def test_only_the_clock_reads_the_clock() -> None:
    assert clock_readers(sources()) == {"kernel/clock.py"}


@pytest.mark.parametrize(
    "read", ["datetime.now(UTC)", "datetime.datetime.utcnow()", "date.today()", "time.time()"]
)
def test_another_reader_of_the_clock_is_found(read: str) -> None:
    assert clock_readers(planted(f"x = {read}")) == {"suggestions/planted.py"}


# One place that begins and commits.

ENDING = {"begin", "commit", "rollback", "begin_nested", "prepare"}
MAY_END = {
    ("infra/db.py", "begin"),
    ("infra/jobs.py", "begin_nested"),  # one item of a batch
    ("infra/migrations.py", "begin"),  # the owner's role, outside any request
}


def transaction_enders(files: Iterable[Source]) -> set[tuple[str, str]]:
    return {(file.name, method) for file in files for _, method in file.method_calls if method in ENDING}


def test_only_the_database_module_begins_and_commits() -> None:
    assert transaction_enders(sources()) <= MAY_END


@pytest.mark.parametrize("method", sorted(ENDING))
def test_another_commit_is_found(method: str) -> None:
    assert transaction_enders(planted(f"async def act(tx): await tx.{method}()")) - MAY_END


def test_nobody_executes_past_the_flush() -> None:
    """`tx.execute` would not flush what the session holds back: `sql(tx, …)` or `tx.exec(…)`."""
    found = {
        file.name
        for file in sources()
        for owner, method in file.method_calls
        if (owner, method) == ("tx", "execute")
    }
    assert found == set()


# Errors.


def subclasses(kind: type[DomainError]) -> Iterator[type[DomainError]]:
    for child in kind.__subclasses__():
        yield child
        yield from subclasses(child)


def own_errors() -> list[type[DomainError]]:
    return [kind for kind in dict.fromkeys(subclasses(DomainError)) if kind.__module__.startswith("app.")]


def wrong_errors(kinds: Iterable[type[DomainError]]) -> set[str]:
    kinds = list(kinds)
    codes = Counter(kind.__dict__.get("code") for kind in kinds)
    return {
        kind.__name__
        for kind in kinds
        if "code" not in kind.__dict__ or codes[kind.code] > 1 or not 400 <= status_of(kind) < 600
    }


def test_every_error_has_a_code_of_its_own_and_a_status() -> None:
    assert len(own_errors()) > 50
    assert wrong_errors(own_errors()) == set()


def test_an_error_with_anothers_code_is_found() -> None:
    silent = type("Silent", (own_errors()[0],), {})
    repeated = type("Repeated", (own_errors()[0],), {"code": "not-found"})
    assert wrong_errors([*own_errors(), silent, repeated]) >= {"Silent", "Repeated", "NotFound"}


# Settings.


def described(example: str) -> dict[str, bool]:
    """Setting → is there a comment on the line above? Lines may be commented out by `#`."""
    lines = example.splitlines()
    return {
        line.lstrip("#").partition("=")[0].lower(): place > 0 and lines[place - 1].startswith("# ")
        for place, line in enumerate(lines)
        if "=" in line and not line.startswith("# ")
    }


def test_every_setting_is_described_once_and_nothing_else() -> None:
    assert described((APP.parent / ".env.example").read_text()) == dict.fromkeys(Settings.model_fields, True)


def test_an_undescribed_setting_is_found() -> None:
    assert described("# Port\nPORT=1\nNEW=\n#HOST=x") == {"port": True, "new": False, "host": False}


# Jobs.


def test_every_job_has_a_name_and_a_cron_the_worker_can_read() -> None:
    assert worker.DECLARING
    for name, job in REGISTRY.items():
        assert job.name == name
        trigger_of(job)


# Shape of files and functions.


def too_long(files: Iterable[Source]) -> set[str]:
    long_files = {file.name for file in files if len(file.text.splitlines()) > LONGEST_FILE}
    long_functions = {
        f"{file.name}:{node.name}"
        for file in files
        for node in ast.walk(file.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > LONGEST_FUNCTION
    }
    return long_files | long_functions


def test_files_and_functions_stay_short() -> None:
    assert too_long(sources()) == set()


def test_long_ones_are_found() -> None:
    assert too_long(planted("x = 1\n" * 301)) == {"suggestions/planted.py"}
    assert too_long(planted("def act():\n" + "    x = 1\n" * 50)) == {"suggestions/planted.py:act"}


def nameless(files: Iterable[Source]) -> set[str]:
    vague = {"utils", "util", "common", "helpers", "misc", "base"}
    return {file.name for file in files if vague & set(file.name.removesuffix(".py").split("/"))}


def test_no_file_is_a_drawer_for_odds_and_ends() -> None:
    assert nameless(sources()) == set()
    assert nameless([Source("infra/utils.py", ""), Source("common/x.py", "")])


def postponed(files: Iterable[Source]) -> set[str]:
    return {file.name for file in files if "__future__.annotations" in file.imports}


def test_no_module_postpones_its_annotations() -> None:
    """SQLModel and FastAPI read them when the module is read."""
    assert postponed(sources()) == set()
    assert postponed(planted("from __future__ import annotations"))
