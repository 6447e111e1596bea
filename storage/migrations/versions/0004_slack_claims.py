"""Which process writes a Slack thread and whether it is complete, so that another one finishes what a dead one left."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("slack_threads", "thread_ts", nullable=True)
    op.add_column("slack_threads", sa.Column("claimed_by", sa.Text()))
    op.add_column("slack_threads", sa.Column("claimed_until", sa.DateTime(timezone=True)))
    op.add_column("slack_threads", sa.Column("opening_at", sa.DateTime(timezone=True)))
    op.add_column("slack_threads", sa.Column("rescues", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.add_column("slack_threads", sa.Column("finished_at", sa.DateTime(timezone=True)))
    op.execute("update slack_threads set finished_at = now() where messages ? 'verdict'")
    op.create_index(
        "tasks_ended_in_slack",
        "tasks",
        ["updated_at"],
        postgresql_where=sa.text("status in ('succeeded', 'failed') and origin_json ->> 'door' = 'slack'"),
    )


def downgrade() -> None:
    op.drop_index("tasks_ended_in_slack", "tasks")
    for name in ("finished_at", "rescues", "opening_at", "claimed_until", "claimed_by"):
        op.drop_column("slack_threads", name)
    op.execute("delete from slack_threads where thread_ts is null")
    op.alter_column("slack_threads", "thread_ts", nullable=False)
