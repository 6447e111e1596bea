"""What people said of a task's answer."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "task_feedback",
        sa.Column("task_id", sa.Uuid(), sa.ForeignKey("tasks.task_id", ondelete="CASCADE"), primary_key=True),
        sa.Column("team", sa.Text(), primary_key=True, server_default=sa.text("''")),
        sa.Column("user_id", sa.Text(), primary_key=True),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("note", sa.Text()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.CheckConstraint("value in ('helpful', 'rejected')", name="task_feedback_value_is_known"),
    )
    op.create_index("task_feedback_by_value", "task_feedback", ["value", "created_at"])


def downgrade() -> None:
    op.drop_table("task_feedback")
