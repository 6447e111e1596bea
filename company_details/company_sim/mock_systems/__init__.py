"""The company's Jira, metrics and logs servers, speaking the real wire protocols over files in a folder."""
