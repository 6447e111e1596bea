"""A logs server: the reading half of the Loki HTTP API over `logs.ndjson`."""
