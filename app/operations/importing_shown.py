"""An import as the operator sees it: what is taken for what, how far it is, what came of it."""

from collections import Counter

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from app.infra.records import Layout, Variant
from app.operations.importing_rows import ImportReport

MOST = 50  # refused rows and variants on one screen; all are counted
# Read and checked, but there is no place for them in a seat or an opinion: they are not kept.
NOT_KEPT = {"ethnicity", "party", "elected_on", "seat_number", "author", "likes", "dislikes"}


class Terminal:
    """The progress of one import on a console; the bar only where somebody watches."""

    def __init__(self, console: Console) -> None:
        self._console = console
        columns = (TextColumn("导入"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._bar = Progress(*columns, console=console, disable=not console.is_terminal)
        self._task = self._bar.add_task("rows", total=None)

    def __enter__(self) -> "Terminal":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def previewed(self, layout: Layout, rows: int) -> None:
        """Show the columns before anything is written."""
        self._console.print(columns_table(layout))
        if layout.ignored:
            self._console.print(f"没有用到的列：{'、'.join(layout.ignored)}", markup=False)
        self._bar.update(self._task, total=rows)

    def advanced(self, rows: int) -> None:
        self._bar.advance(self._task, rows)


def columns_table(layout: Layout) -> Table:
    table = Table(title=f"表头在第 {layout.header_number} 行")
    for heading in ("列", "表头", "作为", ""):
        table.add_column(heading)
    for taken in layout.taken:
        kept = "只核对，不保存" if taken.field in NOT_KEPT else ""
        table.add_row(taken.letter, taken.heading, taken.field, kept)
    return table


def show(report: ImportReport, console: Console) -> None:
    """The summary, then every refused row with its number, field and what to do."""
    console.print(summary_table(report))
    for refused in report.refused[:MOST]:
        console.print(f"第 {refused.number} 行 {refused.field}：{refused.reason}", markup=False)
    if len(report.refused) > MOST:
        console.print(f"……还有 {len(report.refused) - MOST} 行未导入")
    for (field, written, taken_as), many in _respelled(report.variants).most_common(MOST):
        console.print(f"{field}：「{written}」读作「{taken_as}」，{many} 处", markup=False)


def summary_table(report: ImportReport) -> Table:
    table = Table(title="试运行，没有写入任何数据" if report.dry_run else "导入结果")
    for heading in ("可用", "新增", "已有", "未导入", "空行", "重复行", "换写法"):
        table.add_column(heading, justify="right")
    left_out = sum(duplicate.left_out for duplicate in report.duplicates)
    figures = (
        report.good,
        report.added,
        report.known,
        len(report.refused),
        report.blank,
        left_out,
        len(report.variants),
    )
    table.add_row(*map(str, figures))
    return table


def _respelled(variants: tuple[Variant, ...]) -> Counter[tuple[str, str, str]]:
    return Counter((variant.field, variant.written[:40], variant.taken_as[:40]) for variant in variants)
