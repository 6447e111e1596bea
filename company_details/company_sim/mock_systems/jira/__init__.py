"""A ticket server: the reading half of the Jira Cloud REST API v3 over `jira_tickets.json`."""
