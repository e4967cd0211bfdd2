"""Budgets in this process's memory: cheap, and no row that every request would queue for.

With N web processes a budget is up to N times as large: it is there against floods, not for accounting.
What must hold across processes (log-in lockout, partners' quotas) is kept in the database.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from app.kernel.errors import TooMany

REMEMBERED = 50_000


class BudgetSpent(TooMany):
    code = "budget-spent"

    def __init__(self, retry_after: int) -> None:
        super().__init__("提交得有些频繁，请稍候再试", retry_after=retry_after)


@dataclass
class _Bucket:
    tokens: float
    at: float


class Budget:
    """`limit` acts in `seconds` for each key, refilled evenly; the least recently seen key is forgotten."""

    def __init__(self, limit: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.limit = limit
        self.rate = limit / seconds
        self._clock = clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def spend(self, key: str) -> None:
        """Take one; BudgetSpent with the seconds to wait if there is none."""
        bucket = self._refilled(key)
        if bucket.tokens < 1:
            raise BudgetSpent(int((1 - bucket.tokens) / self.rate) + 1)
        bucket.tokens -= 1

    def check(self, key: str) -> None:
        """As `spend`, but takes nothing: for budgets that only some outcomes use up (`take`)."""
        bucket = self._refilled(key)
        if bucket.tokens < 1:
            raise BudgetSpent(int((1 - bucket.tokens) / self.rate) + 1)

    def take(self, key: str) -> None:
        """Take one of what was checked before; never refuses, even if others were quicker."""
        self._refilled(key).tokens -= 1

    def _refilled(self, key: str) -> _Bucket:
        now = self._clock()
        bucket = self._buckets.pop(key, None) or _Bucket(self.limit, now)
        bucket.tokens = min(self.limit, bucket.tokens + (now - bucket.at) * self.rate)
        bucket.at = now
        self._buckets[key] = bucket
        if len(self._buckets) > REMEMBERED:
            self._buckets.popitem(last=False)
        return bucket
