"""${message}.

Expand, then migrate, then contract: a running older process must survive this revision.
`lock_timeout` is 2 s: a revision that waits longer fails and is run again at a quieter time.
"""

import app.infra.columns
import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
