"""The inbox keeps no replies any more: they are rows of the outbox."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # What such a row was still to say is a minute's news, and it is decided about already.
    op.execute("update slack_inbox set state = 'done' where state = 'received' and reply is not null")
    op.drop_column("slack_inbox", "reply")


def downgrade() -> None:
    op.add_column("slack_inbox", sa.Column("reply", JSONB()))
