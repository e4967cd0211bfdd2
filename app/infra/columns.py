"""What every tenant table is made of: one metadata, named constraints, text enums, transaction ids."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Column, MetaData, types
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlmodel import SQLModel

tenant_metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class TenantTable(SQLModel):
    """Base of every table of a county. Never a request body: table classes do not validate."""

    metadata = tenant_metadata


class XID8(types.UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "xid8"


ischema_names["xid8"] = XID8  # so that `alembic check` reads it back


def one_of(column: str, kinds: type[StrEnum] | Iterable[str]) -> CheckConstraint:
    """Enums are text + CHECK: native ones break across schemas and need ALTER TYPE."""
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def json_column(*, nullable: bool = False) -> Column[Any]:
    """A JSONB column. Assign anew: a change in place is not saved."""
    return Column(JSONB, nullable=nullable)
