"""What orch promises about failures, tried: processes killed, paused, a database restarted, a Slack that misbehaves.

    python -m bench.chaos            10,000 events; minutes
    python -m bench.chaos --short    a few hundred; what CI runs

Everything is real but Slack and the company: two API processes, three workers, PostgreSQL, signed requests over HTTP.
"""
