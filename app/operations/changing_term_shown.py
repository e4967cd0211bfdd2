"""A change of term as the operator sees it: what happens to whom, one open suggestion a line."""

from collections import Counter

from rich.console import Console
from rich.table import Table

from app.operations.changing_term import TermChange


def show(done: TermChange, console: Console, *, dry_run: bool) -> None:
    """The figures, then every suggestion with its fate and its lead."""
    title = "试运行，没有写入任何数据" if dry_run else "换届完成"
    console.print(f"{done.congress}第 {done.term} 届：{title}", markup=False)
    console.print(_figures(done), markup=False)
    if done.moved:
        console.print(_items(done))


def _figures(done: TermChange) -> str:
    fates = Counter(item.fate for item in done.moved)
    told = [
        f"往届席位结束 {done.seats_ended} 个",
        f"主席团授权终止 {done.authorisations_ended} 项",
        f"未表态的离任联名人 {done.unasked} 人次",
        *(f"{fate} {many} 件" for fate, many in sorted(fates.items())),
    ]
    return "；".join(told)


def _items(done: TermChange) -> Table:
    table = Table()
    for heading in ("编号", "标题", "去向", "领衔代表"):
        table.add_column(heading)
    for item in done.moved:
        table.add_row(item.number or "", item.title, item.fate, item.lead)
    return table
