"""The Slack door: what Slack sends becomes tasks, and their runs are answered in threads."""
