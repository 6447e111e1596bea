"""What Slack sent, kept before it is acknowledged, and what is known of the alerts among it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NOW = sa.text("now()")
NONE_YET = sa.text("0")


def upgrade() -> None:
    op.create_table(
        "slack_inbox",
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("team", sa.Text()),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("payload", JSONB()),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False, server_default=NOW),
        sa.Column("state", sa.Text(), nullable=False, server_default=sa.text("'received'")),
        sa.Column("reason", sa.Text()),
        sa.Column("task_id", sa.Uuid(), sa.ForeignKey("tasks.task_id", ondelete="SET NULL")),
        sa.Column("reply", JSONB()),
        sa.Column("attempt", sa.Integer(), nullable=False, server_default=NONE_YET),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.CheckConstraint("state in ('received', 'done', 'refused')", name="slack_inbox_state_is_known"),
    )
    op.create_index(
        "slack_inbox_waiting",
        "slack_inbox",
        ["channel", "received_at", "key"],
        postgresql_where=sa.text("state = 'received'"),
    )
    op.create_index("slack_inbox_by_age", "slack_inbox", ["received_at"])
    op.create_table(
        "alert_states",
        sa.Column("channel", sa.Text(), primary_key=True),
        sa.Column("group_key", sa.Text(), primary_key=True),
        sa.Column("state", JSONB(), nullable=False),
        sa.Column("message_ts", ARRAY(sa.Text()), nullable=False),
        sa.Column("thread_ts", sa.Text()),
        sa.Column("task_id", sa.Uuid(), sa.ForeignKey("tasks.task_id", ondelete="SET NULL")),
        sa.Column("repeats", sa.Integer(), nullable=False, server_default=NONE_YET),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=NOW),
    )
    op.create_index("alert_states_by_message", "alert_states", ["message_ts"], postgresql_using="gin")


def downgrade() -> None:
    op.drop_table("alert_states")
    op.drop_table("slack_inbox")
