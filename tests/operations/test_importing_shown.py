"""What the operator reads of an import."""

import io
from pathlib import Path

from rich.console import Console

from app.infra.db import Database
from app.infra.tenants import Tenant
from app.operations.importing import run_import
from app.operations.importing_rows import Options
from app.operations.importing_shown import Terminal, show
from tests.conftest import NOW
from tests.operations.files import a_csv
from tests.people import County


async def test_the_preview_the_figures_and_every_refused_row_are_printed(
    database: Database, tenant: Tenant, county: County, tmp_path: Path
) -> None:
    headings = ("姓名", "民族", "爱好", "选区")
    file = a_csv(
        tmp_path / "a.csv",
        headings,
        ("王小英", "壮", "下棋", "三选区"),
        ("合计", "", "", ""),
        ("李大山", "汉族", "", ""),
    )
    written = io.StringIO()
    console = Console(file=written, width=120)

    with Terminal(console) as progress:
        report = await run_import(
            "roster", file, database, tenant, NOW, Options("甲镇人民代表大会", dry_run=True), progress
        )
    show(report, console)

    text = written.getvalue()
    assert text.index("作为") < text.index("试运行，没有写入任何数据")
    for shown in (
        "没有用到的列：爱好",
        "只核对，不保存",
        "第 3 行 name：",
        "「三选区」读作「第3选区」，1 处",
    ):
        assert shown in text
    assert [cell.strip() for cell in text.split("换写法")[1].splitlines()[2].strip("│ ").split("│")] == [
        "2", "2", "0", "1", "0", "0", "2",
    ]  # fmt: skip
