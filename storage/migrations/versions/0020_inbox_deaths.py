"""How many processes died over a row of the inbox, so that one which ends every process is given up."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("slack_inbox", sa.Column("deaths", sa.Integer(), nullable=False, server_default=sa.text("0")))


def downgrade() -> None:
    op.drop_column("slack_inbox", "deaths")
