"""Which rules this county goes by: a shipped pack, with rows of its own where it has reason to."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from app.deadlines import queries
from app.deadlines.models import RuleChoice
from app.deadlines.overriding import Override, mark_of, overridden
from app.deadlines.packs import RulePack, load_pack

DEFAULT_PACK = "national"


async def pack(tx: AsyncSession) -> RulePack:
    """The rule pack this county uses now, its own rows among the others."""
    choice = await queries.newest_choice(tx)
    if choice is None:
        return load_pack(DEFAULT_PACK)
    name, _, mark = choice.pack.partition("+")
    if not mark:
        return load_pack(name)
    return overridden(name, tuple(Override.model_validate(row) for row in choice.overrides or ()))


async def choose_pack(
    tx: AsyncSession, name: str, *, by: str, now: datetime, overrides: Sequence[Override] = ()
) -> RulePack:
    """Use another pack, or other rows of one's own, for clocks started from now on; open ones keep theirs.

    Raises PackUnknown, PackNotSelectable, OverrideInvalid.
    """
    own = tuple(overrides)
    chosen = overridden(name, own) if own else load_pack(name)
    rows = [override.model_dump(mode="json", exclude_unset=True) for override in own]
    choice = RuleChoice(pack=name + mark_of(own), chosen_at=now, chosen_by=by, overrides=rows or None)
    tx.add(choice)
    await tx.flush()
    return chosen
