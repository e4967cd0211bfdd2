"""The audit chain's head, noted daily outside the database (design.md 3.17).

Who owns the database can rewrite the whole chain, or drop its end; a line in a file elsewhere shows it. The
directory is best on another machine, or append-only; without one the line is in the log alone. One line of
JSON a day and county: when, how many seals there were, the hash of the last.
"""

import asyncio
import json
import os
from dataclasses import dataclass
from pathlib import Path

from app.infra import audit
from app.infra.audit import Anchor
from app.infra.jobs import Work, errand
from app.infra.logs import log
from app.kernel.clock import machine_now


@dataclass(frozen=True)
class Anchors:
    """`directory` None: nowhere but the log."""

    directory: Path | None = None

    async def note(self, slug: str, anchor: Anchor) -> None:
        """Append the line, on stable storage when this returns. Raises OSError."""
        at = machine_now().isoformat()
        log.info("audit head", tenant=slug, seq=anchor.seq, hash=anchor.hash.hex())
        if self.directory is not None:
            line = json.dumps({"at": at, "seq": anchor.seq, "hash": anchor.hash.hex()})
            await asyncio.to_thread(_append, self.directory / f"{slug}.jsonl", line)

    def newest(self, slug: str) -> Anchor | None:
        """The last whole line of this county's file; None where there is no file yet."""
        path = self.directory / f"{slug}.jsonl" if self.directory else None
        if path is None or not path.exists():
            return None
        lines = [line for line in path.read_text().splitlines(keepends=True) if line.endswith("\n")]
        if not lines:
            return None
        facts = json.loads(lines[-1])
        return Anchor(facts["seq"], bytes.fromhex(facts["hash"]))


def _append(path: Path, line: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("a") as file:
        file.write(line + "\n")
        file.flush()
        os.fsync(file.fileno())


@errand("audit.anchor", cron="0 10 1 * * *")
async def anchor(work: Work) -> int:
    """Note the head of this county's chain outside, each night; 0 while nothing is sealed."""
    async with work.unit() as tx:
        head = await audit.head(tx)
    if head is None:
        return 0
    await work.adapter(Anchors).note(work.tenant.slug, head)
    return 1
