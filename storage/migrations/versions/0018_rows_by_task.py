"""What names a task, by the task: without it, each old task that is dropped would be looked for in whole tables."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

NAMED = sa.text("task_id is not null")


def upgrade() -> None:
    op.create_index("slack_inbox_by_task", "slack_inbox", ["task_id"], postgresql_where=NAMED)
    op.create_index("alert_states_by_task", "alert_states", ["task_id"], postgresql_where=NAMED)
    op.create_index("alert_states_by_age", "alert_states", ["updated_at"])


def downgrade() -> None:
    op.drop_index("alert_states_by_age", "alert_states")
    op.drop_index("alert_states_by_task", "alert_states")
    op.drop_index("slack_inbox_by_task", "slack_inbox")
