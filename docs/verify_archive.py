#!/usr/bin/env python3
"""Verify the dossier of an archived suggestion: python3 verify_archive.py FILE.zip [HEAD]

Needs Python 3.8 or newer and nothing else. HEAD is the chain's head as it was noted elsewhere (the audit,
a printed list): with it even a dossier made anew as a whole is found out. Exit code 0: it is whole.
"""

import hashlib
import json
import sys
import zipfile


def canonical(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def faults(archive, noted_head):
    names = archive.namelist()
    manifest = json.loads(archive.read("manifest.json"))
    if manifest.get("format") != "lianluo-archive/1":
        yield "unknown format"
    if sorted(names) != sorted([*manifest["files"], "manifest.json"]):
        yield "files were added, removed or doubled"
    for name, expected in manifest["files"].items():
        if name in names and hashlib.sha256(archive.read(name)).hexdigest() != expected:
            yield f"{name} was changed"
    prev = "0" * 64
    for number, line in enumerate(archive.read("chain.jsonl").splitlines(), start=1):
        record = json.loads(line)
        claimed = record.pop("hash")
        if record["seq"] != number or record["prev"] != prev:
            yield f"record {number} does not follow the one before it"
        prev = hashlib.sha256(canonical(record)).hexdigest()
        if prev != claimed:
            yield f"record {number} ({record['kind']}) was changed"
    if prev != manifest["head"]:
        yield "the chain does not end in the manifest's head"
    if noted_head and noted_head != manifest["head"]:
        yield "the head is not the one noted elsewhere"


def main(path, noted_head=None):
    try:
        with zipfile.ZipFile(path) as archive:
            found = list(faults(archive, noted_head))
            head = json.loads(archive.read("manifest.json"))["head"]
    except Exception as error:
        found, head = [f"unreadable: {error!r}"], None
    said = "\n".join(f"FAULT: {fault}" for fault in found) or f"OK: whole, head {head}"
    sys.stdout.write(said + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
