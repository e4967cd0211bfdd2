"""what became of a reply moves from the suggestion to its assignment.

Expand, then migrate, then contract: a running older process must survive this revision.
`lock_timeout` is 2 s: a revision that waits longer fails and is run again at a quieter time.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        UPDATE assignments a
           SET state = CASE s.state WHEN 'rejected' THEN 'rejected' WHEN 'conference' THEN 'conference'
                                    WHEN 'committed' THEN 'committed' ELSE 'settled' END
          FROM suggestions s
         WHERE s.id = a.suggestion_id AND a.state = 'replied'
           AND s.state IN ('rejected', 'conference', 'committed', 'closed', 'archived')""")
    # The clock of the congress's decision now hangs on the assignment too.
    op.execute("""
        UPDATE deadlines d SET subject_kind = 'assignment', subject_id = a.id
          FROM assignments a
         WHERE d.subject_id = a.suggestion_id AND d.kind = 'rejection_decision' AND a.state = 'rejected'""")


def downgrade() -> None:
    op.execute("""
        UPDATE deadlines d SET subject_kind = 'suggestion', subject_id = a.suggestion_id
          FROM assignments a WHERE d.subject_id = a.id AND d.kind = 'rejection_decision'""")
    op.execute("""
        UPDATE assignments SET state = 'replied'
         WHERE state IN ('rejected', 'conference', 'committed', 'settled')""")
