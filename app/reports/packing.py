"""A portable dossier: a hash chain of records and files in a zip, the same bytes whenever it is made (pure).

Each record's hash covers the one before it, so nothing can be changed, taken out or put in without the
head changing; the head is noted in the audit. `docs/verify_archive.py` recomputes it all with the
standard library alone; the format is docs/archive.md.
"""

import hashlib
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from app.kernel.clock import SHANGHAI

FORMAT = "lianluo-archive/1"
MEDIA_TYPE = "application/zip"
GENESIS = "0" * 64
CHAIN = "chain.jsonl"
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Record:
    """`body` holds JSON values only."""

    kind: str
    body: Mapping[str, Any]


@dataclass(frozen=True)
class Package:
    content: bytes
    head: str


def canonical(value: Any) -> bytes:
    """UTF-8 JSON, keys sorted, no spaces: the same text for the same value everywhere."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def chained(records: Iterable[Record]) -> tuple[bytes, str]:
    """The lines of the chain and its head."""
    lines, prev = [], GENESIS
    for seq, record in enumerate(records, start=1):
        entry = {"seq": seq, "kind": record.kind, "prev": prev, "body": record.body}
        prev = hashlib.sha256(canonical(entry)).hexdigest()
        lines.append(canonical({**entry, "hash": prev}) + b"\n")
    return b"".join(lines), prev


def packed(
    about: Mapping[str, Any], records: Iterable[Record], files: Mapping[str, bytes], *, at: datetime
) -> Package:
    """`about` goes into the manifest; `at` is the time every entry of the zip bears."""
    chain, head = chained(records)
    contents = {CHAIN: chain, **files}
    manifest = {
        **about,
        "format": FORMAT,
        "head": head,
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()},
    }
    return Package(_zipped({MANIFEST: canonical(manifest), **contents}, at), head)


def _zipped(contents: Mapping[str, bytes], at: datetime) -> bytes:
    """Stored, not deflated: compressors differ from machine to machine."""
    kept = io.BytesIO()
    stamp = at.astimezone(SHANGHAI).timetuple()[:6]
    with ZipFile(kept, "w", ZIP_STORED) as archive:
        for name in sorted(contents):
            entry = ZipInfo(name, stamp)
            entry.create_system, entry.external_attr = 3, 0o644 << 16  # as on Unix, wherever it runs
            archive.writestr(entry, contents[name])
    return kept.getvalue()
