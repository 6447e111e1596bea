"""The first tables: tasks, idempotency keys, Slack threads."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NOW = sa.text("now()")
EMPTY_OBJECT = sa.text("'{}'::jsonb")


def upgrade() -> None:
    op.create_table(
        "tasks",
        sa.Column("task_id", sa.Uuid(), primary_key=True),
        sa.Column("input_task", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("context_json", JSONB(), nullable=False, server_default=EMPTY_OBJECT),
        sa.Column("plan_json", JSONB()),
        sa.Column("result_json", JSONB()),
        sa.Column("verification_json", JSONB()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=NOW),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=NOW),
        sa.Column("origin_json", JSONB(), nullable=False, server_default=EMPTY_OBJECT),
        sa.Column("key", sa.Text(), unique=True),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.Column("attempt", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.CheckConstraint("status in ('queued', 'running', 'succeeded', 'failed')", name="tasks_status_is_known"),
        sa.CheckConstraint("jsonb_typeof(context_json) = 'object'", name="tasks_context_is_an_object"),
    )
    newest_first = (sa.text("created_at desc"), sa.text("task_id desc"))
    op.create_index("tasks_newest_first", "tasks", [*newest_first])
    op.create_index("tasks_by_status", "tasks", ["status", *newest_first])
    op.create_index("tasks_by_service", "tasks", [sa.text("(context_json ->> 'service')"), *newest_first])
    op.create_index("tasks_leased", "tasks", ["lease_until"], postgresql_where=sa.text("status = 'running'"))
    op.create_table(
        "idempotency_keys",
        sa.Column("scope", sa.Text(), primary_key=True),
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("response_status", sa.Integer()),
        sa.Column("response_body", JSONB()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=NOW),
    )
    op.create_index("idempotency_keys_by_age", "idempotency_keys", ["created_at"])
    op.create_table(
        "slack_threads",
        sa.Column("task_id", sa.Uuid(), sa.ForeignKey("tasks.task_id", ondelete="CASCADE"), primary_key=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("thread_ts", sa.Text(), nullable=False),
        sa.Column("messages", JSONB(), nullable=False, server_default=EMPTY_OBJECT),
    )


def downgrade() -> None:
    op.drop_table("slack_threads")
    op.drop_table("idempotency_keys")
    op.drop_table("tasks")
