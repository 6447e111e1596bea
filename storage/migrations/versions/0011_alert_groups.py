"""The alerts that share a thread, in totals."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alert_groups",
        sa.Column("channel", sa.Text(), primary_key=True),
        sa.Column("thread_ts", sa.Text(), primary_key=True),
        sa.Column("newest_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", JSONB(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
    )
    op.create_index("alert_groups_by_time", "alert_groups", ["channel", "newest_at"])


def downgrade() -> None:
    op.drop_table("alert_groups")
