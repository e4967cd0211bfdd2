"""Files to import: invented ones, and the shared real ones where they are."""

import csv
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("LIANLUO_SHARED") or Path(__file__).resolve().parents[2].parent / "shared")
DATA = SHARED / "data"
real = pytest.mark.skipif(not DATA.exists(), reason="the shared data are not here (set LIANLUO_SHARED)")

OPINION = ("留言编号", "留言用户", "留言主题", "留言时间", "留言详情", "一级分类")
CASE = ("留言编号", "留言主题", "留言时间", "留言详情", "答复意见", "答复时间")


def a_csv(path: Path, headings: Sequence[str], *rows: Sequence[object]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([headings, *rows])
    return path
