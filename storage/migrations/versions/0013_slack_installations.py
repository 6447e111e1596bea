"""The workspaces that installed the app by OAuth, and the states of installations that are under way."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

NOW = sa.text("now()")


def upgrade() -> None:
    op.create_table(
        "slack_installations",
        sa.Column("team", sa.Text(), primary_key=True),
        sa.Column("team_name", sa.Text(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("bot_user", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("installed_by", sa.Text()),
        sa.Column("installed_at", sa.DateTime(timezone=True), nullable=False, server_default=NOW),
    )
    op.create_table(
        "slack_install_states",
        sa.Column("digest", sa.LargeBinary(), primary_key=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("slack_install_states_by_age", "slack_install_states", ["expires_at"])


def downgrade() -> None:
    op.drop_table("slack_install_states")
    op.drop_table("slack_installations")
