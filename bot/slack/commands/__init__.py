"""What people ask of orch in words: `/orch …`, a mention, a message to orch alone. The same words do the same everywhere."""
