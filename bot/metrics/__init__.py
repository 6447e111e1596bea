"""What Prometheus scrapes: the queue of all processes, and what this one does; docs/metrics.md lists it."""
