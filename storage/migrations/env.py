"""What alembic runs: the migrations, over the connection that `storage.migrate` hands in."""

from alembic import context

from storage.rows import SQLModel

context.configure(connection=context.config.attributes["connection"], target_metadata=SQLModel.metadata)
with context.begin_transaction():
    context.run_migrations()
