"""`/api/v1/rule-packs`: the rules as data, row by row with the article, and which of them hold here."""

from fastapi import APIRouter, Request, Response

from app.accounts.deps import CurrentActor
from app.deadlines import announcing, choosing, queries
from app.deadlines.calendar_api import Keeper
from app.deadlines.models import RuleChoice
from app.deadlines.packs import RulePack, RuleRow, read_pack
from app.deadlines.rulepacks import pack_names
from app.deadlines.schemas import PackOut, RowOut, RulesIn
from app.infra import audit, preconditions
from app.infra.deps import Now, Tx
from app.infra.schemas import PageOut
from app.infra.unit_route import UnitRoute

router = APIRouter(prefix="/rule-packs", tags=["rules"], route_class=UnitRoute)


@router.get("")
async def rule_packs(_: CurrentActor, tx: Tx, response: Response) -> PageOut[PackOut]:
    """Every shipped pack, also those that cannot be chosen yet; the chosen one as it holds here."""
    chosen = await choosing.pack(tx)
    choice = await queries.newest_choice(tx)
    preconditions.mark(response, await queries.choices_made(tx))
    packs = (chosen if name == chosen.name else read_pack(name) for name in pack_names())
    return PageOut(items=[_shown(pack, pack is chosen, choice) for pack in packs])


@router.put("")
async def choose_rules(
    body: RulesIn, actor: Keeper, tx: Tx, now: Now, request: Request, response: Response
) -> PackOut:
    """Choose a pack and the county's own rows over it; needs If-Match. Open clocks keep their rules."""
    await announcing.lock(tx)
    preconditions.check(request, await queries.choices_made(tx))
    chosen = await choosing.choose_pack(tx, body.pack, by=actor.label, now=now, overrides=body.overrides)
    choice = await queries.newest_choice(tx)
    assert choice is not None  # just made
    audit.note(
        tx,
        "rules.choose",
        actor=actor.label,
        subject_kind="rule_choice",
        subject_id=choice.id,
        now=now,
        fields=[chosen.name, *sorted({override.kind.value for override in body.overrides})],
    )
    preconditions.mark(response, await queries.choices_made(tx))
    return _shown(chosen, True, choice)


def _shown(pack: RulePack, chosen: bool, choice: RuleChoice | None) -> PackOut:
    own = choice.overrides if chosen and choice else None
    facts = {name: getattr(pack, name) for name in ("name", "title", "version", "selectable")}
    return PackOut(
        **facts,
        reviewed_by=pack.reviewed_by,
        reviewed_on=pack.reviewed_on,
        caution=pack.caution,
        chosen=chosen,
        overrides=own or [],
        policies=pack.policies.model_dump(mode="json"),
        rows=[_row(pack, row) for row in pack.rows],
    )


def _row(pack: RulePack, row: RuleRow) -> RowOut:
    facts = {**row.model_dump(mode="json"), "article": row.cited, "reviewed_by": pack.reviewer(row)}
    return RowOut.model_validate({name: facts[name] for name in RowOut.model_fields})
