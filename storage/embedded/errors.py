from core.errors import StorageError


class EmbeddedPostgresError(StorageError):
    """The embedded PostgreSQL cannot be prepared, started, reached or stopped."""
