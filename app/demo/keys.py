"""The demo's own secrets, made on its first start and kept in `var/` for the next."""

import json
import os
from pathlib import Path

from app.infra.crypto import new_key_setting


def demo_keys(var: Path) -> dict[str, str]:
    """Environment variables with the keys; the same on every start. Readable by the owner alone."""
    path = var / "demo-keys.json"
    if not path.exists():
        keys = {name: new_key_setting() for name in ("TOKEN_KEYS", "FIELD_KEYS", "INDEX_KEY")}
        write_private(path, keys)
    kept: dict[str, str] = json.loads(path.read_text())
    return kept


def write_private(path: Path, facts: object) -> None:
    """Whole or not at all, 0600."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".half")
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(facts, file, ensure_ascii=False, indent=2)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
