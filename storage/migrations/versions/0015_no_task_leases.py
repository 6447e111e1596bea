"""Tasks without leases of their own: a run is held by its job, whose worker gives signs of life."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("tasks_leased", "tasks")
    op.drop_column("tasks", "lease_until")


def downgrade() -> None:
    op.add_column("tasks", sa.Column("lease_until", sa.DateTime(timezone=True)))
    op.create_index("tasks_leased", "tasks", ["lease_until"], postgresql_where=sa.text("status = 'running'"))
