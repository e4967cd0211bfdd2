"""Regions, congresses, organisations, persons and their seats."""

from datetime import date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from sqlalchemy import Column, LargeBinary, UniqueConstraint, Uuid
from sqlmodel import Field

from app.infra.columns import TenantTable, one_of
from app.kernel.ids import new_id

RegionId = NewType("RegionId", UUID)
CongressId = NewType("CongressId", UUID)
OrganisationId = NewType("OrganisationId", UUID)
PersonId = NewType("PersonId", UUID)
DelegateId = NewType("DelegateId", UUID)


class RegionKind(StrEnum):
    COUNTY = "county"
    TOWNSHIP = "township"  # 乡镇: has a congress
    STREET = "street"  # 街道: an arm of the county committee, no congress
    VILLAGE = "village"


class Level(StrEnum):
    TOWNSHIP = "township"
    COUNTY = "county"
    CITY = "city"
    PROVINCE = "province"
    NATIONAL = "national"


class OrganisationKind(StrEnum):
    CONGRESS_OFFICE = "congress_office"  # 镇人大办、代表工委、人大街道工委
    GOVERNMENT_OFFICE = "government_office"  # 政府办
    UNIT = "unit"  # 承办单位


class Region(TenantTable, table=True):
    """A division of the county, by its official code (GB/T 2260 and statistics codes)."""

    __tablename__ = "regions"
    __table_args__ = (one_of("kind", RegionKind),)

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    code: str = Field(unique=True, max_length=12)
    name: str
    kind: str
    parent_id: UUID | None = Field(default=None, foreign_key="regions.id", index=True, sa_type=Uuid)


class Congress(TenantTable, table=True):
    """A people's congress (人大): the recipient of its own delegates' suggestions."""

    __tablename__ = "congresses"
    __table_args__ = (one_of("level", Level),)

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    region_id: UUID = Field(foreign_key="regions.id", unique=True, sa_type=Uuid)
    level: str
    name: str
    term: int  # 届


class Organisation(TenantTable, table=True):
    """An office or a handling unit. An inner office may not answer in its own name (`may_reply`)."""

    __tablename__ = "organisations"
    __table_args__ = (one_of("kind", OrganisationKind), UniqueConstraint("region_id", "name"))

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    kind: str
    name: str
    region_id: UUID = Field(foreign_key="regions.id", index=True, sa_type=Uuid)
    parent_id: UUID | None = Field(default=None, foreign_key="organisations.id", index=True, sa_type=Uuid)
    may_reply: bool = True
    closed_at: datetime | None = None


class Person(TenantTable, table=True):
    """Someone who holds seats. The phone is sealed; it is shown publicly only by consent."""

    __tablename__ = "persons"

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    name: str
    gender: str | None = None
    position: str | None = None  # 职务, as the roster gives it
    phone_sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    phone_index: bytes | None = Field(default=None, sa_column=Column(LargeBinary, unique=True))
    phone_public: bool = False
    account_id: UUID | None = Field(default=None, foreign_key="accounts.id", unique=True, sa_type=Uuid)


class DelegateGroup(TenantTable, table=True):
    """代表小组: delegates working together."""

    __tablename__ = "delegate_groups"
    __table_args__ = (UniqueConstraint("congress_id", "name"),)

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    congress_id: UUID = Field(foreign_key="congresses.id", sa_type=Uuid)
    name: str


class Delegate(TenantTable, table=True):
    """A seat in one congress for one term: the seat, not the place, decides who receives a suggestion."""

    __tablename__ = "delegates"
    __table_args__ = (UniqueConstraint("congress_id", "term", "person_id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    person_id: UUID = Field(foreign_key="persons.id", index=True, sa_type=Uuid)
    congress_id: UUID = Field(foreign_key="congresses.id", sa_type=Uuid)
    term: int
    district: str | None = None  # 选区
    group_id: UUID | None = Field(default=None, foreign_key="delegate_groups.id", index=True, sa_type=Uuid)
    left_on: date | None = None


class CongressSession(TenantTable, table=True):
    """人大会议: 第{term}届{number}次会议. Dates are local; what is raised in it is counted from its close."""

    __tablename__ = "congress_sessions"
    __table_args__ = (UniqueConstraint("congress_id", "term", "number"),)

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    congress_id: UUID = Field(foreign_key="congresses.id", sa_type=Uuid)
    term: int
    number: int
    opened_on: date
    closed_on: date | None = None
