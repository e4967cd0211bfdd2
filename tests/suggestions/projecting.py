"""Everything that a handling unit can read of a suggestion: it must not change with a judgement."""

from typing import Any
from uuid import UUID

from app.accounts.permissions import Side
from app.deadlines.presenting import shown
from app.deadlines.queries import of_root
from app.infra.db import Database
from app.infra.tenants import Tenant
from app.suggestions import queries
from app.suggestions.api import _ticks_for
from app.suggestions.presenting import detail, steps_shown, summary
from app.suggestions.visibility import shown_revision, side_on
from tests.suggestions.cast import Cast
from tests.suggestions.model import UNIT_OF, Matter

READERS = ("bob", "bruno", "carl")


async def read_by_units(database: Database, tenant: Tenant, cast: Cast, matter: Matter, id: UUID) -> Any:
    units = {duty.unit for duty in matter.standing}
    readers = [who for who in READERS if UNIT_OF[who] in units]
    async with database.unit(tenant, write=False) as tx:
        return [await _read(tx, cast, who, id) for who in readers[:1]]


async def _read(tx: Any, cast: Cast, who: str, id: UUID) -> Any:
    actor = cast.actors[who]
    found = await queries.seen(tx, id, actor)
    side = side_on(actor, found)
    assert side is Side.GOVERNMENT
    clocks = [shown(c, now=c.started_at) for c in await of_root(tx, id) if _ticks_for(c, actor, side)]
    return (
        (await detail(tx, found, actor)).model_dump(),
        summary(found, await queries.assignments(tx, id), actor).model_dump(),
        [step.model_dump() for step in steps_shown(await queries.steps(tx, id), found, actor)],
        [clock.model_dump() for clock in clocks],
        shown_revision(found, side),
    )
