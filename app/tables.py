"""Every table, in one metadata: for Alembic and for tests."""

from app.accounts import models as accounts
from app.deadlines import models as deadlines
from app.directory import models as directory
from app.infra import audit, idempotency, outbox
from app.infra.columns import tenant_metadata
from app.stations import models as stations
from app.suggestions import models as suggestions

__all__ = [
    "accounts",
    "audit",
    "deadlines",
    "directory",
    "idempotency",
    "outbox",
    "stations",
    "suggestions",
    "tenant_metadata",
]
