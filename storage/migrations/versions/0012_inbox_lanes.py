"""Lanes of the inbox, so that people do not wait behind a storm of alerts; tasks by the place in Slack they came from."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

RECEIVED = {"postgresql_where": sa.text("state = 'received'")}
SLACKS = {"postgresql_where": sa.text("origin_json ->> 'door' = 'slack'")}


def upgrade() -> None:
    op.add_column("slack_inbox", sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False))
    op.add_column("slack_inbox", sa.Column("lane", sa.Text(), nullable=False, server_default=""))
    op.add_column("slack_inbox", sa.Column("urgency", sa.Integer(), nullable=False, server_default=sa.text("1")))
    op.add_column("slack_inbox", sa.Column("failures", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.execute("update slack_inbox set lane = channel")
    op.drop_index("slack_inbox_waiting", "slack_inbox")
    op.create_index("slack_inbox_waiting", "slack_inbox", ["lane", "seq"], **RECEIVED)
    op.create_index("slack_inbox_by_turn", "slack_inbox", ["urgency", "seq"], **RECEIVED)
    op.create_index("slack_threads_by_place", "slack_threads", ["channel", "thread_ts"])
    op.create_index(
        "tasks_by_slack_channel", "tasks", [sa.text("(origin_json ->> 'channel')"), sa.text("created_at desc")], **SLACKS
    )
    op.create_index(
        "tasks_by_slack_user", "tasks", [sa.text("(origin_json ->> 'user')"), sa.text("created_at desc")], **SLACKS
    )


def downgrade() -> None:
    op.drop_index("tasks_by_slack_user", "tasks")
    op.drop_index("tasks_by_slack_channel", "tasks")
    op.drop_index("slack_threads_by_place", "slack_threads")
    op.drop_index("slack_inbox_by_turn", "slack_inbox")
    op.drop_index("slack_inbox_waiting", "slack_inbox")
    for name in ("failures", "urgency", "lane", "seq"):
        op.drop_column("slack_inbox", name)
    op.create_index("slack_inbox_waiting", "slack_inbox", ["channel", "received_at", "key"], **RECEIVED)
