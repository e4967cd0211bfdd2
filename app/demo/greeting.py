"""What a person sees when the demo is up."""

import json
from pathlib import Path

from rich.console import Console
from rich.table import Table

WIDE = 120  # whole passwords, also in a narrow terminal


def greet(demo_json: Path) -> None:
    """Print the addresses and the log-ins of `var/demo.json`."""
    facts = json.loads(demo_json.read_text())
    console = Console(soft_wrap=True)
    console.print("\n[bold]联络 Lianluo 演示已就绪[/]（示例县为虚构，演示数据）")
    console.print(f"  首页      {facts['base_url']}/")
    for station in facts["stations"][:1]:
        console.print(f"  站点页面  {station['url']}   （{station['name']}，居民扫码打开的就是它）")
    console.print(f"  接口文档  {facts['docs_url']}")
    console.print(
        f"  演示时钟  PUT {facts['base_url']}/demo/clock    消息  GET {facts['base_url']}/demo/messages"
    )
    table = Table("角色", "姓名", "用户名", "密码", "openid", box=None, padding=(0, 2))
    for user in facts["users"]:
        table.add_row(user["role"], user["name"], user["username"], user["password"], user["openid"])
    Console(width=WIDE).print(table)
    console.print(f"  以上均写入 {demo_json}；按 Ctrl-C 停止。\n")
