"""What may go wrong, in the domain's words. HTTP statuses are given once, in infra/http_errors.py.

DomainError
├── Invalid            the request itself is wrong: mend a field and send it again
├── Unauthenticated    who are you?
├── Refused            known, but not allowed
├── NotFound           absent, or not yours to see
├── Conflict           right request, wrong moment or state
├── Stale              If-Match names an older version
├── PreconditionMissing
├── TooLarge
├── TooMany            come back after `retry_after` seconds
└── Unavailable        we cannot just now
"""

from collections.abc import Iterable
from typing import Any, ClassVar


class DomainError(Exception):
    """`detail` is a Chinese sentence a person can act on; `facts` go into the problem document."""

    code: ClassVar[str]

    def __init__(self, detail: str, **facts: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.facts = facts

    def __reduce__(self) -> tuple[Any, ...]:
        """Errors cross process boundaries whole, whatever their own constructor asks for."""
        return _rebuilt, (type(self), vars(self))


def _rebuilt(kind: type[DomainError], state: dict[str, Any]) -> DomainError:
    error = kind.__new__(kind, state["detail"])
    error.__dict__.update(state)
    return error


class Invalid(DomainError):
    code = "invalid"


class Unauthenticated(DomainError):
    code = "unauthenticated"


class Refused(DomainError):
    code = "refused"


class NotFound(DomainError):
    code = "not-found"


class Conflict(DomainError):
    code = "conflict"


class Stale(DomainError):
    code = "stale"


class PreconditionMissing(DomainError):
    code = "precondition-missing"


class TooLarge(DomainError):
    code = "too-large"


class TooMany(DomainError):
    """`retry_after`: whole seconds."""

    code = "too-many"

    def __init__(self, detail: str, *, retry_after: int, **facts: Any) -> None:
        super().__init__(detail, **facts)
        self.retry_after = retry_after


class Unavailable(DomainError):
    """`retry_after`: whole seconds."""

    code = "unavailable"

    def __init__(self, detail: str, *, retry_after: int = 2, **facts: Any) -> None:
        super().__init__(detail, **facts)
        self.retry_after = retry_after


class StepNotAllowed(Conflict):
    """409 with the acts that the present state does allow."""

    code = "step-not-allowed"

    def __init__(self, state: str, act: str, allowed: Iterable[str]) -> None:
        super().__init__(
            "环节已变动，现在不能这样办理，请刷新后再试",
            state=state,
            act=act,
            allowed=sorted(allowed),
        )
