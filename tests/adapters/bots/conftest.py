from collections.abc import AsyncIterator

import pytest

from tests.adapters.bots.rig import Rig, a_rig


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    made = a_rig()
    async with made.http:
        yield made
