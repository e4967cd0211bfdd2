"""`python -m app …`: run it, install it, look after it."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
import uvloop
from pydantic import ValidationError
from rich.console import Console

from app.demo import supervisor
from app.demo.keys import demo_keys
from app.infra.crypto import new_key_setting
from app.infra.logs import configure
from app.infra.provisioning import provision
from app.infra.serving import PortTaken, end_with_parent, listen, serve_http
from app.kernel.errors import DomainError
from app.main import create_app
from app.operations import commands
from app.operations.assembly import assembled
from app.operations.changing_term_shown import show as show_term_change
from app.operations.importing_rows import Kind, Options
from app.operations.importing_shown import Terminal, show
from app.settings import Settings, settings
from app.suggestions.printing import printed
from app.worker import work

DEMO_KEYS = "demo-keys.json"

cli = typer.Typer(no_args_is_help=True, add_completion=False, help="联络 Lianluo")
tenants = typer.Typer(no_args_is_help=True, help="Counties.")
audits = typer.Typer(no_args_is_help=True, help="The audit chain.")
partners = typer.Typer(no_args_is_help=True, help="Third-party clients.")
for name, group in (("tenant", tenants), ("audit", audits), ("partner", partners)):
    cli.add_typer(group, name=name)

Slug = Annotated[str, typer.Option("--tenant", help="the county; needed only where there are several")]


@contextmanager
def _refusals() -> Iterator[None]:
    """A refusal is one sentence and exit 1, not a stack trace."""
    try:
        yield
    except DomainError as error:
        typer.echo(error.detail, err=True)
        raise typer.Exit(1) from None


def _chosen() -> Settings:
    """As the environment and .env say; where no keys are given, those of the demo whose `var` is here."""
    var = Path(os.environ.get("VAR_DIR", "var"))
    given = "TOKEN_KEYS" in os.environ or Path(".env").exists()
    if not given and (var / DEMO_KEYS).exists():
        os.environ.update({**demo_keys(var), "DEMO": "true"})
    return _configured()


def _configured() -> Settings:
    """What is missing or wrong is named, with what to do."""
    try:
        return settings()
    except ValidationError as error:
        for fault in error.errors():
            name = ".".join(map(str, fault["loc"])).upper()
            typer.echo(f"{name}: {fault['msg']}", err=True)
        typer.echo(
            "请在 .env 里补上这些设置（样例见 .env.example，密钥用 python -m app new-keys 生成）", err=True
        )
        raise typer.Exit(1) from None


async def _serve(chosen: Settings) -> None:
    listening = listen(chosen.host, chosen.port)
    async with assembled(chosen) as process:
        app = create_app(chosen, process.database, now=process.now, outside=process.outside)
        await serve_http(app, listening)


async def _work(chosen: Settings) -> None:
    async with assembled(chosen) as process:
        stopping = asyncio.Event()
        end_with_parent(stopping.set)
        await work(process, stopping)


@cli.command()
def serve() -> None:
    """Answer HTTP on HOST:PORT; any number of these may run."""
    chosen = _configured()
    configure(chosen.log_level)
    try:
        uvloop.run(_serve(chosen))
    except PortTaken as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


@cli.command("work")
def work_() -> None:
    """Ring the jobs: clocks, outbox, deliveries; any number of these may run."""
    chosen = _configured()
    configure(chosen.log_level)
    uvloop.run(_work(chosen))


@cli.command()
def demo() -> None:
    """Everything on one machine, with a fictional county; till Ctrl-C."""
    host, port = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8000"))
    raise typer.Exit(asyncio.run(supervisor.run(Path(os.environ.get("VAR_DIR", "var")), host, port)))


@cli.command("new-keys")
def new_keys() -> None:
    """Print fresh secrets for .env."""
    for name in ("TOKEN_KEYS", "FIELD_KEYS", "INDEX_KEY"):
        typer.echo(f"{name}={new_key_setting()}")


@cli.command("provision")
def provision_(
    admin_url: Annotated[str, typer.Option(help="a superuser's DSN, on a maintenance database")],
    database: str = "lianluo",
    owner_password: Annotated[str | None, typer.Option(envvar="OWNER_PASSWORD")] = None,
    app_password: Annotated[str | None, typer.Option(envvar="APP_PASSWORD")] = None,
) -> None:
    """Make roles, database and schema `ext` on an external PostgreSQL; safe to repeat."""
    asyncio.run(
        provision(admin_url, database=database, owner_password=owner_password, app_password=app_password)
    )


@cli.command()
def migrate() -> None:
    """Bring the registry and every county to the newest revision (as the owner)."""
    for schema in asyncio.run(commands.migrate(_chosen())):
        typer.echo(f"{schema}: up to date")


@cli.command()
def workflow() -> None:
    """Print the state table of suggestions."""
    typer.echo(printed())


@tenants.command("add")
def add_tenant(
    slug: str, name: Annotated[str, typer.Option()], host: Annotated[list[str] | None, typer.Option()] = None
) -> None:
    """A new county: schema, tables, calendar, registry."""
    with _refusals():
        asyncio.run(commands.add_county(_chosen(), slug, name, tuple(host or ())))
    typer.echo(f"{slug}: ready")


@tenants.command("list")
def list_tenants() -> None:
    for tenant in asyncio.run(commands.counties(_chosen())):
        typer.echo(f"{tenant.slug}\t{tenant.name}\t{tenant.state}\t{','.join(tenant.hosts)}")


@cli.command("create-admin")
def create_admin(
    username: str,
    role: Annotated[str, typer.Option(help="sysadmin, secadmin or auditor")] = "sysadmin",
    name: Annotated[str, typer.Option()] = "系统管理员",
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)] = "",
    tenant: Slug = "",
) -> None:
    """An administrator's account; the three administrators exclude each other."""
    with _refusals():
        asyncio.run(commands.create_admin(_chosen(), tenant, username, name, role, password))
    typer.echo(f"{username}: {role}")


@cli.command("import")
def import_(
    kind: Annotated[Kind, typer.Argument(help="roster, stations, opinions or cases")],
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)],
    congress: Annotated[str | None, typer.Option(help="name or region code (roster, cases)")] = None,
    term: Annotated[int | None, typer.Option(help="the term of every row of a roster")] = None,
    region: Annotated[str | None, typer.Option(help="official code of the place messages came from")] = None,
    source: Annotated[str | None, typer.Option(help="the name under which external ids are unique")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="do everything, write nothing")] = False,
    add_delegates: Annotated[
        bool, typer.Option("--add-delegates", help="seat delegates whom only the ledger names (cases)")
    ] = False,
    add_units: Annotated[
        bool, typer.Option("--add-units", help="enter units that only the ledger names (cases)")
    ] = False,
    tenant: Slug = "",
) -> None:
    """Read a csv or xlsx as offices keep it; refused rows are named, a second run adds nothing."""
    configure("ERROR")
    console = Console()
    options = Options(congress, term, region, source, dry_run, add_delegates, add_units)
    with _refusals(), Terminal(console) as progress:
        report = asyncio.run(commands.import_file(_chosen(), tenant, kind, file, options, progress))
    show(report, console)


@cli.command("term-change")
def term_change(
    congress: Annotated[str, typer.Option(help="name or region code")],
    term: Annotated[int, typer.Option(help="the new term; its roster is imported already")],
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="first day of the new term; today")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="do everything, write nothing")] = False,
    tenant: Slug = "",
) -> None:
    """Old seats end, open suggestions go on under the new term; safe to repeat."""
    configure("ERROR")
    day = on.date() if on else None
    with _refusals():
        done = asyncio.run(commands.change_term(_chosen(), tenant, congress, term, day, dry_run=dry_run))
        show_term_change(done, Console(), dry_run=dry_run)


@cli.command("verify")
def verify_(tenant: Slug = "") -> None:
    """Check the invariants of a county's rows and files; exit 1 if anything is wrong."""
    configure("ERROR")
    with _refusals():
        found = asyncio.run(commands.verify_county(_chosen(), tenant))
    for finding in found:
        typer.echo(f"{finding.invariant}\t{finding.what}\t{finding.subject}", err=True)
    typer.echo(f"{len(found)} findings")
    raise typer.Exit(1 if found else 0)


@audits.command("verify")
def verify_audit(tenant: Slug = "") -> None:
    """Recompute the whole chain; exit 1 if anything was changed."""
    with _refusals():
        links, faults = asyncio.run(commands.verify_audit(_chosen(), tenant))
    typer.echo(f"{links} links")
    for fault in faults:
        typer.echo(fault, err=True)
    raise typer.Exit(1 if faults else 0)


@partners.command("add")
def add_partner(
    name: str,
    scope: Annotated[list[str], typer.Option(help="e.g. opinions:read")],
    tenant: Slug = "",
) -> None:
    """A third-party client; its secret is shown once."""
    with _refusals():
        id, secret = asyncio.run(commands.add_partner(_chosen(), tenant, name, scope))
    typer.echo(f"client_id={id}\nclient_secret={secret}")


@cli.command("export-openapi")
def export_openapi(folder: Path = Path("openapi")) -> None:
    """Write the three OpenAPI documents."""
    for path in commands.export_openapi(create_app, folder):
        typer.echo(str(path))


if __name__ == "__main__":
    cli()
