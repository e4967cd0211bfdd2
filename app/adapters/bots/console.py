"""The twins of WeCom where it is not set up."""

import logging

from app.adapters.bots.app_message import MemberMessage
from app.adapters.bots.group_bot import GroupNotice
from app.adapters.delivery import Delivered, Outcome

log = logging.getLogger(__name__)


class ConsoleGroupBot:
    async def send(self, notice: GroupNotice) -> Outcome:
        """A notice holds nothing personal."""
        log.info("wecom group: console only, news=%s count=%d", notice.news.name, notice.count)
        return Delivered("console")


class ConsoleAppMessages:
    async def send(self, message: MemberMessage) -> Outcome:
        """Neither member nor words are logged."""
        log.info("wecom application: console only")
        return Delivered("console")
