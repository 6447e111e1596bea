"""Which finished tasks are not to be found again, and the index that finds what ended since a moment."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "forgotten_tasks",
        sa.Column("task_id", sa.Uuid(), sa.ForeignKey("tasks.task_id", ondelete="CASCADE"), primary_key=True),
        sa.Column("forgotten", sa.Boolean(), nullable=False, server_default=sa.text("true")),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
    )
    op.create_index(
        "tasks_ended", "tasks", ["updated_at"], postgresql_where=sa.text("status in ('succeeded', 'failed')")
    )


def downgrade() -> None:
    op.drop_index("tasks_ended", "tasks")
    op.drop_table("forgotten_tasks")
