"""Every table, in one metadata: for Alembic and for tests."""

from app.accounts import models as accounts
from app.accounts import wechat_tokens
from app.alerts import models as alerts
from app.deadlines import models as deadlines
from app.directory import models as directory
from app.infra import audit, demo_clock, idempotency, outbox
from app.infra.columns import tenant_metadata
from app.notifications import credit
from app.notifications import models as notifications
from app.opinions import models as opinions
from app.partners import models as partners
from app.reports import models as reports
from app.stations import models as stations
from app.suggestions import models as suggestions
from app.suggestions import oversight_models, reply_models
from app.uploads import models as uploads
from app.visits import models as visits
from app.webhooks import models as webhooks

__all__ = [
    "accounts",
    "alerts",
    "audit",
    "credit",
    "deadlines",
    "demo_clock",
    "directory",
    "idempotency",
    "notifications",
    "opinions",
    "outbox",
    "oversight_models",
    "partners",
    "reply_models",
    "reports",
    "stations",
    "suggestions",
    "tenant_metadata",
    "uploads",
    "visits",
    "webhooks",
    "wechat_tokens",
]
