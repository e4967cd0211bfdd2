"""What the demo tells its visitors: the content of var/demo.json, but for its addresses."""

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class DemoUser:
    """`role` as the contract names it; `openid`: what the fake WeChat calls this person."""

    role: str
    name: str
    username: str
    password: str
    openid: str


@dataclass(frozen=True)
class DemoStation:
    id: UUID
    code: str
    name: str


@dataclass(frozen=True)
class DemoUnit:
    id: UUID
    name: str


@dataclass(frozen=True)
class DemoPartner:
    client_id: str
    client_secret: str


@dataclass(frozen=True)
class DemoCounty:
    """`units[0]` is the demo users' unit, `stations[0]` the keeper's; all users but the county's belong
    to one township, whose congress has a standing authorisation in force."""

    tenant: str
    users: tuple[DemoUser, ...]
    stations: tuple[DemoStation, ...]
    units: tuple[DemoUnit, ...]
    partner: DemoPartner

    def as_json(self, base_url: str) -> dict[str, Any]:
        """The whole of var/demo.json for a service reached at `base_url`."""
        stations = [
            {"id": str(s.id), "code": s.code, "name": s.name, "url": f"{base_url}/s/{s.code}"}
            for s in self.stations
        ]
        return {
            "base_url": base_url,
            "docs_url": f"{base_url}/docs",
            "tenant": self.tenant,
            "users": [asdict(user) for user in self.users],
            "stations": stations,
            "units": [{"id": str(unit.id), "name": unit.name} for unit in self.units],
            "partner": asdict(self.partner),
        }
