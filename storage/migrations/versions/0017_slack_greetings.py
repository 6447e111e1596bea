"""Whom and where orch has greeted."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "slack_greetings",
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("greeted_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
    )


def downgrade() -> None:
    op.drop_table("slack_greetings")
