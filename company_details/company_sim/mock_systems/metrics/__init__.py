"""A metrics server: the reading half of the Prometheus HTTP API over `metrics.csv`."""
