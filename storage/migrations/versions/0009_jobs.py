"""The jobs that run tasks, kept by procrastinate; and the results of the steps that a run has finished.

procrastinate's own schema is taken as its release 3.10 ships it. A later release of it that brings migrations
(`procrastinate/sql/migrations`) needs one here for them: its `apply_schema` is for an empty database alone.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSON

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SCHEMA = Path(__file__).parent.parent / "sql" / "procrastinate_3_10.sql"
TABLES = ("events", "periodic_defers", "jobs", "workers")


def upgrade() -> None:
    # By the driver itself: SQLAlchemy would read colons and percent signs of it as places for values.
    driver = op.get_bind().connection.driver_connection
    assert driver is not None
    driver.execute(SCHEMA.read_text("utf-8"))
    # The turn of a channel's next task is worked out from those of it that wait.
    op.execute(
        "create index orch_jobs_waiting_by_channel on procrastinate_jobs ((args ->> 'lane'), priority) "
        "where status = 'todo'"
    )
    op.create_table(
        "task_steps",
        sa.Column("task_id", sa.Uuid(), sa.ForeignKey("tasks.task_id", ondelete="CASCADE"), primary_key=True),
        sa.Column("step_id", sa.Text(), primary_key=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("result_json", JSON(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
    )
    op.create_index(
        "tasks_running", "tasks", ["updated_at"], postgresql_where=sa.text("status = 'running'")
    )


def downgrade() -> None:
    op.drop_index("tasks_running", "tasks")
    op.drop_table("task_steps")
    for name in TABLES:
        op.execute(f"drop table procrastinate_{name} cascade")
    for name in ("job_to_defer_v1", "job_status", "job_event_type"):
        op.execute(f"drop type procrastinate_{name} cascade")
    op.execute(
        "do $$ declare found regprocedure; begin for found in select oid::regprocedure from pg_proc "
        "where proname like 'procrastinate\\_%' and pronamespace = current_schema()::regnamespace "
        "loop execute 'drop function ' || found || ' cascade'; end loop; end $$"
    )
