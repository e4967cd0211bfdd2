"""The rotating code on a keeper's screen: optional, computed from the county's key, kept nowhere."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from app.infra.crypto import vault_of
from app.kernel.clock import machine_now
from app.stations.models import LiaisonStation
from app.stations.presence import CODE_STEP, check_code, rotating_code


@dataclass(frozen=True)
class Screen:
    """One station's screen. Machine time: the screen does not follow a moved demo clock."""

    secret: bytes
    place: str

    def shows(self) -> tuple[str, datetime]:
        """The code of this moment and when the next one takes its place."""
        at = machine_now()
        seconds = CODE_STEP.total_seconds()
        ends = timedelta(seconds=seconds - at.timestamp() % seconds)
        return rotating_code(self.secret, self.place, at=at), at + ends

    def showed(self, code: str, occurred_at: datetime | None) -> bool:
        """Now, a moment ago, or when the phone says it was there: it may have been offline since."""
        moments = [machine_now(), *([occurred_at] if occurred_at else [])]
        return any(check_code(self.secret, self.place, code, at=at) for at in moments)


def screen_of(tx: AsyncSession, station: LiaisonStation) -> Screen:
    place = str(station.id)
    return Screen(vault_of(tx).blind_index(place, purpose="station-screen"), place)
