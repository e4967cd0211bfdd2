"""Kill -9 loses no acknowledged submission and doubles none: three of each here, more in `make faults`."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.faults.campaign import KILLS, campaign, staged

FEW = 3
pytestmark = pytest.mark.xdist_group("faults")  # one private server at a time


@pytest.fixture
def home() -> Iterator[Path]:
    """A directory the server's account can enter (pytest's own is closed to it)."""
    with TemporaryDirectory(prefix="lianluo-faults-", dir="/var/tmp") as made:
        Path(made).chmod(0o755)
        yield Path(made)


async def test_no_acknowledged_submission_is_lost_or_doubled(home: Path) -> None:
    """One server for all kinds: founding one takes longer than killing it."""
    async with staged(home) as stage:
        for kind in KILLS:
            tally = await campaign(stage, kind, FEW)
            print(kind, tally.line)
            assert (tally.kills, tally.lost, tally.duplicated) == (FEW, set(), set()), kind
            assert len(tally.acknowledged) >= FEW * 25


async def test_the_check_can_fail(home: Path) -> None:
    """Without synchronous commit the same campaign loses acknowledged rows, and the tally says so."""
    careless = ("synchronous_commit = off", "wal_writer_delay = '10s'", "wal_writer_flush_after = '1GB'")
    async with staged(home, careless) as stage:
        tally = await campaign(stage, "postmaster", FEW)
    print("synchronous_commit=off", tally.line)
    assert tally.lost
