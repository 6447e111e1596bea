"""The messages of threads that stand already, as rows of the outbox, which is where every message is known from now on."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The next put of a message differs from the empty object, and rewrites it.
    op.execute(
        "insert into slack_outbox (key, team, channel, thread_ts, seq, kind, wanted, written_version, is_final, ts, task_id, "
        "role, state, settled_at) select 'task:' || thread.task_id || ':' || message.role, "
        "coalesce(task.origin_json ->> 'team', ''), thread.channel, "
        "case when message.role <> 'opening' then thread.thread_ts end, "
        "case split_part(message.role, '_', 1) when 'opening' then 0 when 'plan' then 10 when 'evidence' then 20 else 30 end, "
        "'message', '{}', 1, thread.finished_at is not null, message.ts, thread.task_id, message.role, 'written', now() "
        "from slack_threads as thread join tasks as task using (task_id), jsonb_each_text(thread.messages) "
        "as message (role, ts) where thread.thread_ts is not null"
    )
    op.drop_index("slack_threads_by_place", "slack_threads")
    op.drop_table("slack_threads")


def downgrade() -> None:
    op.create_table(
        "slack_threads",
        sa.Column("task_id", sa.Uuid(), sa.ForeignKey("tasks.task_id", ondelete="CASCADE"), primary_key=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("thread_ts", sa.Text()),
        sa.Column("messages", JSONB(), nullable=False, server_default=sa.text("'{}'::jsonb")),
        sa.Column("claimed_by", sa.Text()),
        sa.Column("claimed_until", sa.DateTime(timezone=True)),
        sa.Column("opening_at", sa.DateTime(timezone=True)),
        sa.Column("rescues", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
    )
    op.create_index("slack_threads_by_place", "slack_threads", ["channel", "thread_ts"])
    op.execute(
        "insert into slack_threads (task_id, channel, thread_ts, messages, finished_at) "
        "select task_id, min(channel), max(coalesce(thread_ts, case when role = 'opening' then ts end)), "
        "jsonb_object_agg(role, ts), max(case when role = 'verdict' then settled_at end) from slack_outbox "
        "where task_id is not null and ts is not null group by task_id"
    )
