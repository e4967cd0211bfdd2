"""`python -m app …`: run it, install it, look after it."""

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer
import uvloop
from rich.console import Console

from app.demo import supervisor
from app.infra.crypto import new_key_setting
from app.infra.logs import configure
from app.infra.provisioning import provision
from app.infra.serving import PortTaken, end_with_parent, listen, serve_http
from app.kernel.errors import DomainError
from app.main import create_app
from app.operations import commands
from app.operations.assembly import assembled
from app.operations.importing_rows import Kind, Options
from app.operations.importing_shown import Terminal, show
from app.settings import Settings, settings
from app.suggestions.printing import printed
from app.worker import work

cli = typer.Typer(no_args_is_help=True, add_completion=False, help="联络 Lianluo")
tenants = typer.Typer(no_args_is_help=True, help="Counties.")
audits = typer.Typer(no_args_is_help=True, help="The audit chain.")
partners = typer.Typer(no_args_is_help=True, help="Third-party clients.")
for name, group in (("tenant", tenants), ("audit", audits), ("partner", partners)):
    cli.add_typer(group, name=name)

Slug = Annotated[str, typer.Option("--tenant", help="the county; needed only where there are several")]


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
    configure(settings().log_level)
    try:
        uvloop.run(_serve(settings()))
    except PortTaken as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


@cli.command("work")
def work_() -> None:
    """Ring the jobs: clocks, outbox, deliveries; any number of these may run."""
    configure(settings().log_level)
    uvloop.run(_work(settings()))


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
    for schema in asyncio.run(commands.migrate(settings())):
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
    asyncio.run(commands.add_county(settings(), slug, name, tuple(host or ())))
    typer.echo(f"{slug}: ready")


@tenants.command("list")
def list_tenants() -> None:
    for tenant in asyncio.run(commands.counties(settings())):
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
    asyncio.run(commands.create_admin(settings(), tenant, username, name, role, password))
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
    tenant: Slug = "",
) -> None:
    """Read a csv or xlsx as offices keep it; refused rows are named, a second run adds nothing."""
    configure("ERROR")
    console = Console()
    options = Options(congress, term, region, source, dry_run)
    try:
        with Terminal(console) as progress:
            importing = commands.import_file(settings(), tenant, kind, file, options, progress)
            report = asyncio.run(importing)
    except DomainError as error:
        typer.echo(error.detail, err=True)
        raise typer.Exit(1) from None
    show(report, console)


@cli.command("verify")
def verify_(tenant: Slug = "") -> None:
    """Check the invariants of a county's rows and files; exit 1 if anything is wrong."""
    configure("ERROR")
    found = asyncio.run(commands.verify_county(settings(), tenant))
    for finding in found:
        typer.echo(f"{finding.invariant}\t{finding.what}\t{finding.subject}", err=True)
    typer.echo(f"{len(found)} findings")
    raise typer.Exit(1 if found else 0)


@audits.command("verify")
def verify_audit(tenant: Slug = "") -> None:
    """Recompute the whole chain; exit 1 if anything was changed."""
    links, faults = asyncio.run(commands.verify_audit(settings(), tenant))
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
    id, secret = asyncio.run(commands.add_partner(settings(), tenant, name, scope))
    typer.echo(f"client_id={id}\nclient_secret={secret}")


@cli.command("export-openapi")
def export_openapi(folder: Path = Path("openapi")) -> None:
    """Write the three OpenAPI documents."""
    for path in commands.export_openapi(create_app, folder):
        typer.echo(str(path))


if __name__ == "__main__":
    cli()
