"""Results as json, not jsonb: nothing looks into them by SQL, they keep the order they were written in, and a run ends sooner."""

from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("tasks", "result_json", type_=postgresql.JSON(), postgresql_using="result_json::json")


def downgrade() -> None:
    op.alter_column("tasks", "result_json", type_=postgresql.JSONB(), postgresql_using="result_json::jsonb")
