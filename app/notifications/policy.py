"""The routing as data: read from routing.yaml, changed by a county entry by entry, refused if wrong. Pure."""

from collections.abc import Mapping
from datetime import time
from functools import cache
from importlib.resources import files
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from app.deadlines.packs import Recipient
from app.kernel.errors import Invalid
from app.notifications.channels import OUTSIDE, Channel

COUNTY_OFFICE = "county_office"  # 县人大常委会代表工委
PERSON = "person"  # the person the line is about
COSIGNER = "cosigner"  # delegates asked to sign too
HEARERS = frozenset({*Recipient, COUNTY_OFFICE, COSIGNER, PERSON})


class RoutingUnreadable(Invalid):
    code = "routing-unreadable"


def _hearer(value: Any) -> Any:
    if value not in HEARERS:
        raise ValueError(f"unknown hearer {value}")
    return value


def _personal(value: Any) -> Any:
    if value not in OUTSIDE or value == Channel.BOT:
        raise ValueError(f"no way to a person: {value}")
    return value


Hearer = Annotated[str, BeforeValidator(_hearer)]
Way = Annotated[Channel, BeforeValidator(_personal)]


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Hours(_Data):
    """Local time. `closes` is exclusive."""

    opens: time
    closes: time
    working_days_only: bool
    spread_minutes: int = Field(ge=0, le=29)


class Calm(_Data):
    """`together_from`: waiting messages of one person; `daily_pushes`: per person and local day."""

    daily_pushes: int = Field(ge=1, le=50)
    together_from: int = Field(ge=2, le=50)
    digest_at: time
    after_acting_minutes: int = Field(ge=0, le=1440)


class Calls(_Data):
    about: tuple[str, ...]
    after_working_days: int = Field(ge=1, le=10)


class Routing(_Data):
    """Who hears of what, by which way and when."""

    hours: Hours
    urgent: tuple[str, ...]
    channels: tuple[Way, ...]
    calm: Calm
    lines: Mapping[str, tuple[Hearer, ...]]
    steps: Mapping[str, tuple[Hearer, ...]]
    inbox_only: tuple[Hearer, ...]
    calls: Calls

    def with_changes(self, changes: Mapping[str, Any]) -> "Routing":
        """These entries instead of the shipped ones, one level deep. Raises RoutingUnreadable."""
        whole = self.model_dump(mode="json")
        for name, value in changes.items():
            nested = isinstance(value, Mapping) and isinstance(whole.get(name), Mapping)
            whole[name] = {**whole[name], **value} if nested else value
        return read(whole)


def read(data: Any) -> Routing:
    try:
        return Routing.model_validate(data)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise RoutingUnreadable(f"通知规则的“{where}”填写有误，请核对后再提交", field=where) from error


@cache
def shipped() -> Routing:
    text = files("app.notifications").joinpath("routing.yaml").read_text(encoding="utf-8")
    return read(yaml.safe_load(text))
