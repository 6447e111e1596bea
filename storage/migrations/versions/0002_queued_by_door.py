"""Queued tasks by their door and age: what a process was about to begin when it died is found by a sweep."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "tasks_queued_by_door",
        "tasks",
        [sa.text("(origin_json ->> 'door')"), "created_at"],
        postgresql_where=sa.text("status = 'queued'"),
    )


def downgrade() -> None:
    op.drop_index("tasks_queued_by_door", "tasks")
