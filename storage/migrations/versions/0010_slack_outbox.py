"""What is to stand in Slack, one row a message, and when each channel and method may be used next."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

NOW = sa.text("now()")


def moment(name, **options):
    return sa.Column(name, sa.DateTime(timezone=True), **options)


def number(name, default):
    return sa.Column(name, sa.Integer(), nullable=False, server_default=sa.text(str(default)))


def upgrade() -> None:
    op.create_table(
        "slack_outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        sa.Column("key", sa.Text(), nullable=False, unique=True),
        sa.Column("team", sa.Text(), nullable=False, server_default=""),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("thread_ts", sa.Text()),
        sa.Column("thread_key", sa.Text()),
        number("seq", 100),
        number("urgency", 1),
        number("edit_urgency", 3),
        moment("overtakes_at"),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("wanted", JSONB(), nullable=False),
        sa.Column("content", sa.LargeBinary()),
        number("wanted_version", 1),
        number("written_version", 0),
        sa.Column("is_final", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("shape", sa.Text(), nullable=False, server_default="rich"),
        sa.Column("ts", sa.Text()),
        sa.Column("file_id", sa.Text()),
        sa.Column("task_id", sa.Uuid(), sa.ForeignKey("tasks.task_id", ondelete="CASCADE")),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("response_url", sa.Text()),
        sa.Column("state", sa.Text(), nullable=False, server_default="waiting"),
        number("attempts", 0),
        moment("posting_at"),
        moment("not_before", nullable=False, server_default=NOW),
        sa.Column("claim", sa.Uuid()),
        sa.Column("error", sa.Text()),
        moment("created_at", nullable=False, server_default=NOW),
        moment("settled_at"),
        sa.CheckConstraint("kind in ('message', 'file', 'ephemeral')", name="slack_outbox_kind_is_known"),
        sa.CheckConstraint("state in ('waiting', 'written', 'given_up')", name="slack_outbox_state_is_known"),
    )
    waiting = {"postgresql_where": sa.text("state = 'waiting'")}
    op.create_index("slack_outbox_waiting", "slack_outbox", ["channel", "seq", "id"], **waiting)
    op.create_index(
        "slack_outbox_given_up", "slack_outbox", ["settled_at"], postgresql_where=sa.text("state = 'given_up'")
    )
    op.create_index("slack_outbox_by_task", "slack_outbox", ["task_id"])
    op.create_index("slack_outbox_by_message", "slack_outbox", ["channel", "ts"])
    op.create_index("slack_outbox_by_thread", "slack_outbox", ["channel", "thread_ts"])
    op.create_index("slack_outbox_by_age", "slack_outbox", ["created_at"])
    op.create_table(
        "slack_lanes",
        sa.Column("channel", sa.Text(), primary_key=True),
        moment("free_at", nullable=False, server_default=NOW),
        sa.Column("claim", sa.Uuid()),
    )
    op.create_index("slack_lanes_by_turn", "slack_lanes", ["free_at"])
    op.create_table(
        "slack_rates",
        sa.Column("team", sa.Text(), primary_key=True),
        sa.Column("method", sa.Text(), primary_key=True),
        moment("free_at", nullable=False, server_default=NOW),
    )


def downgrade() -> None:
    op.drop_table("slack_rates")
    op.drop_table("slack_lanes")
    op.drop_table("slack_outbox")
