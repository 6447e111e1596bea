"""What measurements and log lines show, computed."""
