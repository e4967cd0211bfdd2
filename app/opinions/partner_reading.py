"""Opinions as a partner system may read them: nobody's name, phone, place or mark."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.directory.models import Region
from app.opinions import queries
from app.opinions.models import Opinion, Source
from app.opinions.partner_schemas import PartnerOpinionOut
from app.opinions.presenting import result_of
from app.opinions.rules import without_phones
from app.opinions.schemas import ResultOut
from app.opinions.workflow import State


async def for_partner(tx: AsyncSession, rows: Sequence[Opinion], client_id: str) -> list[PartnerOpinionOut]:
    """One page of them, in the order given."""
    await tx.flush()
    regions = await queries.regions_of(tx, rows)
    codes = await queries.station_codes(tx, rows)
    return [_out(row, regions[row.region_id], codes, client_id) for row in rows]


def _out(row: Opinion, region: Region, codes: dict[UUID | None, str], client_id: str) -> PartnerOpinionOut:
    own = row.source == Source.PARTNER and row.source_name.partition(":")[0] == client_id
    return PartnerOpinionOut(
        id=row.id,
        number=row.number,
        state=State(row.state),
        category=row.category,  # type: ignore[arg-type]  # text in the row, checked by the database
        content=without_phones(row.content),
        township_code=region.code,
        township=region.name,
        station_code=codes.get(row.station_id),
        external_id=row.external_id if own else None,
        transferred_to=row.transferred_to,
        reference=row.transfer_reference,
        suggestion_id=row.suggestion_id,
        result=_result(row),
        created_at=row.created_at,
        closed_at=row.closed_at,
    )


def _result(row: Opinion) -> ResultOut | None:
    found = result_of(row)
    return found.model_copy(update={"content": without_phones(found.content)}) if found else None
