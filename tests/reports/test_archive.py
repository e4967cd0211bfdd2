"""The dossier of an archived suggestion: whole, the same every time, and proof against tampering."""

import hashlib
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import httpx
import pytest

from tests.conftest import ROOT, MovableClock
from tests.people import get
from tests.suggestions.desk import Desk

VERIFY = ROOT / "docs" / "verify_archive.py"
Files = dict[str, bytes]


async def archived(desk: Desk) -> Desk:
    await desk.replied()
    await desk.done("alice", "evaluation", {"overall": "satisfied", "comment": "办得好"})
    await desk.done("carol", "publication", {"public": True})
    await desk.done("chen", "publication-approval")
    assert await desk.state() == "archived"
    return desk


async def taken(desk: Desk, who: str = "carol") -> httpx.Response:
    return await get(desk.client, f"{desk.at}/archive.zip", desk.county[who])


def verified(path: Path, *head: str) -> tuple[int, str]:
    """In isolated mode: nothing but the standard library."""
    command = [sys.executable, "-I", "-S", str(VERIFY), str(path), *head]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    return done.returncode, done.stdout


def files_of(content: bytes) -> Files:
    with ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def written(files: Files, path: Path) -> Path:
    with ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


async def test_a_dossier_verifies_and_is_the_same_every_time(
    desk: Desk, clock: MovableClock, tmp_path: Path
) -> None:
    await archived(desk)
    first = await taken(desk)
    assert first.status_code == 200, first.text
    clock.pass_(days=400)
    assert (await taken(desk, "alice")).content == first.content
    path = tmp_path / "case.zip"
    path.write_bytes(first.content)
    code, said = verified(path)
    assert (code, said[:3]) == (0, "OK:"), said
    head = first.headers["etag"].strip('"')
    assert verified(path, head)[0] == 0
    assert verified(path, "0" * 64)[0] == 1


async def test_a_dossier_holds_steps_letters_clocks_and_their_calendar(desk: Desk) -> None:
    await archived(desk)
    files = files_of((await taken(desk)).content)
    records = [json.loads(line) for line in files["chain.jsonl"].splitlines()]
    kinds = [record["kind"] for record in records]
    assert kinds.count("step") == len((await desk.seen("carol", "/steps"))["items"])
    assert {"suggestion", "assignment", "contact", "reply", "evaluation", "clock", "publication"} <= set(
        kinds
    )
    used = {record["body"]["calendar_version"] for record in records if record["kind"] == "clock"}
    assert used == {record["body"]["version"] for record in records if record["kind"] == "calendar"}
    assert "一、已列入春修计划" in files["letters/01-reply.txt"].decode()


def one_word(files: Files) -> None:
    files["chain.jsonl"] = files["chain.jsonl"].replace("办得好".encode(), "办得差".encode())


def the_letter(files: Files) -> None:
    files["letters/01-reply.txt"] += b"!"


def a_record_gone(files: Files) -> None:
    lines = files["chain.jsonl"].splitlines(keepends=True)
    files["chain.jsonl"] = b"".join(lines[:3] + lines[4:])


def the_end_cut_off(files: Files) -> None:
    lines = files["chain.jsonl"].splitlines(keepends=True)
    files["chain.jsonl"] = b"".join(lines[:-1])


def a_file_more(files: Files) -> None:
    files["letters/02-reply.txt"] = b"x"


def a_file_less(files: Files) -> None:
    del files["letters/00-suggestion.txt"]


@pytest.mark.parametrize(
    "tamper", [one_word, the_letter, a_record_gone, the_end_cut_off, a_file_more, a_file_less]
)
@pytest.mark.parametrize("mend", [False, True])
async def test_a_tampered_dossier_is_found_out(
    desk: Desk, tmp_path: Path, tamper: Callable[[Files], None], mend: bool
) -> None:
    await archived(desk)
    files = files_of((await taken(desk)).content)
    assert verified(written(files, tmp_path / "good.zip"))[0] == 0
    tamper(files)
    if mend and tamper in (one_word, a_record_gone, the_end_cut_off):
        manifest = json.loads(files["manifest.json"])
        manifest["files"]["chain.jsonl"] = hashlib.sha256(files["chain.jsonl"]).hexdigest()
        files["manifest.json"] = json.dumps(manifest).encode()
    code, said = verified(written(files, tmp_path / "bad.zip"))
    assert (code, said[:6]) == (1, "FAULT:"), said


async def test_only_the_congress_and_the_lead_delegate_take_it(desk: Desk) -> None:
    await desk.replied()
    early = await taken(desk, "bob")
    assert (early.status_code, early.json()["code"]) == (403, "archive-not-yours")
    assert (await taken(desk)).json()["code"] == "not-archived"
    await archived(desk)
    for who in ("bob", "bella", "lena", "gina"):
        answer = await taken(desk, who)
        assert (answer.status_code, answer.json()["code"]) == (403, "archive-not-yours"), who
    assert (await taken(desk, "dave")).status_code == 404
    for who in ("carol", "chen", "cora", "alice"):
        assert (await taken(desk, who)).status_code == 200, who
