"""Core values → Slack messages; pure."""
