"""The twin of a provider where none is set up: says in the log that a message would have left."""

import logging

from app.adapters.delivery import Delivered, Outcome
from app.adapters.sms.message import Sms

log = logging.getLogger(__name__)


class ConsoleSms:
    async def send(self, sms: Sms) -> Outcome:
        """Neither phone nor values are logged; `console` marks that nobody's phone rang."""
        log.info("sms: console only, template=%s", sms.template)
        return Delivered("console")

    async def find(self, sms: Sms) -> Outcome | None:
        return None
