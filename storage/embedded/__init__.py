"""A real PostgreSQL for whoever sets no database URL: unpacked from a wheel, reached over a Unix socket alone.

`embedded_postgres(data_dir)` is the way to use it: several processes may, at once, and the last to leave stops it.
"""

from storage.embedded.errors import EmbeddedPostgresError
from storage.embedded.server import embedded_postgres, ensure_running, find_running, stop

__all__ = ["EmbeddedPostgresError", "embedded_postgres", "ensure_running", "find_running", "stop"]
