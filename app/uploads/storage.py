"""Where a tenant's files are: one store a tenant, below one directory."""

from dataclasses import dataclass, field
from pathlib import Path

from app.adapters.files import FileStore, LocalFiles


@dataclass
class Stores:
    """`root` is one directory all processes share; each county has its own below it."""

    root: Path
    _open: dict[str, FileStore] = field(default_factory=dict)

    def of(self, slug: str) -> FileStore:
        if slug not in self._open:
            self._open[slug] = LocalFiles(self.root / slug)
        return self._open[slug]
