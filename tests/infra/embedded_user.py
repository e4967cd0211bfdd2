"""A process that uses an embedded server: `python -m tests.infra.embedded_user HOME [UID]`.

Becomes UID if given, starts, says the postmaster's pid, waits for a line, releases.
"""

import os
import sys
from pathlib import Path

from app.infra.embedded import EmbeddedPostgres


def main(home: str, uid: str = "") -> None:
    if uid:
        os.setgroups([])
        os.setgid(int(uid))
        os.setuid(int(uid))
    server = EmbeddedPostgres(Path(home))
    server.start()
    sys.stdout.write((Path(home) / "pg/postmaster.pid").read_text().split()[0] + "\n")
    sys.stdout.flush()
    sys.stdin.readline()
    server.release()


if __name__ == "__main__":
    main(*sys.argv[1:])
