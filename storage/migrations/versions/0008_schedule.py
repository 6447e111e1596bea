"""What is due when, the digest of each team and week, and the alerts that the digest tells of."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

NOW = sa.text("now()")
NONE_YET = sa.text("0")


def upgrade() -> None:
    op.create_table(
        "schedule",
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("cron", sa.Text(), nullable=False),
        sa.Column("tz", sa.Text(), nullable=False),
        sa.Column("payload", JSONB(), nullable=False, server_default=sa.text("'{}'::jsonb")),
        sa.Column("next_run", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_run", sa.DateTime(timezone=True)),
        sa.Column("last_outcome", sa.Text()),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=NOW),
    )
    op.create_index("schedule_due", "schedule", ["next_run"])
    op.create_table(
        "digests",
        sa.Column("team", sa.Text(), primary_key=True),
        sa.Column("week", sa.Text(), primary_key=True),
        sa.Column("payload", JSONB(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, server_default=sa.text("'due'")),
        sa.Column("attempt", sa.Integer(), nullable=False, server_default=NONE_YET),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.Column("reason", sa.Text()),
        sa.Column("handed_over_at", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=NOW),
        sa.CheckConstraint("state in ('due', 'handed_over', 'given_up')", name="digests_state_is_known"),
    )
    op.create_index("digests_due", "digests", ["due_at"], postgresql_where=sa.text("state = 'due'"))
    op.create_table(
        "alert_log",
        sa.Column("channel", sa.Text(), primary_key=True),
        sa.Column("group_key", sa.Text(), primary_key=True),
        sa.Column("episode", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("message_ts", sa.Text(), nullable=False),
        sa.Column("vendor", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("service", sa.Text()),
        sa.Column("severity", sa.Text()),
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True)),
        sa.Column("repeats", sa.Integer(), nullable=False, server_default=NONE_YET),
        sa.Column("task_id", sa.Uuid(), sa.ForeignKey("tasks.task_id", ondelete="SET NULL")),
    )
    op.create_index("alert_log_by_time", "alert_log", ["fired_at"])
    op.create_index("alert_log_open", "alert_log", ["fired_at"], postgresql_where=sa.text("resolved_at is null"))
    op.create_index("alert_log_by_task", "alert_log", ["task_id"])


def downgrade() -> None:
    op.drop_table("alert_log")
    op.drop_table("digests")
    op.drop_table("schedule")
