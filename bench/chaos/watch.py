"""What is looked at in the database while it goes on, and afterwards: triggers of this program's own note every begin.

They note what the product forgets when a task has ended: when a job was stored, when each run began, which steps had
finished and with which result.
"""

from dataclasses import dataclass
from statistics import median
from typing import Any

import psycopg
from psycopg.rows import dict_row

_TRIGGERS = """
create table chaos_jobs (task_id text primary key, at timestamptz not null default clock_timestamp());
create table chaos_runs (task_id uuid, attempt int, at timestamptz not null default clock_timestamp());
create table chaos_steps (task_id uuid, step_id text, attempt int, result text, at timestamptz not null default clock_timestamp());
create function chaos_note_job() returns trigger language plpgsql as $$ begin
  insert into chaos_jobs (task_id) values (new.lock) on conflict do nothing; return new; end $$;
create function chaos_note_run() returns trigger language plpgsql as $$ begin
  insert into chaos_runs (task_id, attempt) values (new.task_id, new.attempt); return new; end $$;
create function chaos_note_step() returns trigger language plpgsql as $$ begin
  insert into chaos_steps (task_id, step_id, attempt, result)
  values (new.task_id, new.step_id, new.attempt, new.result_json::text); return new; end $$;
create trigger chaos_job after insert on procrastinate_jobs for each row execute function chaos_note_job();
create trigger chaos_run after update of attempt on tasks for each row
  when (new.attempt > old.attempt) execute function chaos_note_run();
create trigger chaos_step after insert on task_steps for each row execute function chaos_note_step();
"""


@dataclass(frozen=True, kw_only=True)
class Backlog:
    """What is still to be done."""

    inbox: int
    tasks: int
    outbox: int

    @property
    def is_empty(self) -> bool:
        return not (self.inbox or self.tasks or self.outbox)


class Watch:
    """Asks the database; each question on a connection of its own, since the server is restarted meanwhile."""

    def __init__(self, url: str) -> None:
        self._url = url

    def install(self) -> None:
        """Put the triggers in place."""
        with psycopg.connect(self._url) as connection:
            connection.execute(_TRIGGERS)

    def rows(self, statement: str, values: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        with psycopg.connect(self._url, connect_timeout=10) as connection:
            return list(connection.cursor(row_factory=dict_row).execute(statement.encode(), values).fetchall())

    def one(self, statement: str, values: dict[str, Any] | None = None) -> Any:
        """The single value that the statement gives."""
        (row,) = self.rows(statement, values)
        return next(iter(row.values()))

    def backlog(self) -> Backlog:
        """What is left to do; the digest counts as a message from the beginning, though it is due at the next full minute."""
        (row,) = self.rows(
            "select (select count(*) from slack_inbox where state = 'received') as inbox, "
            "(select count(*) from tasks where status in ('queued', 'running')) as tasks, "
            "(select count(*) from slack_outbox where state = 'waiting') "
            "+ (select (count(*) = 0)::int from digests where state <> 'due') as outbox"
        )
        return Backlog(**row)

    def pick_up_ms(self, task_ids: list[str]) -> float:
        """The median from a job's being stored to its first run's begin."""
        rows = self.rows(
            "select extract(epoch from r.at - j.at) * 1000 as ms from chaos_jobs j join chaos_runs r "
            "on r.task_id = j.task_id::uuid and r.attempt = 1 where j.task_id = any(%(ids)s)",
            {"ids": task_ids},
        )
        return float(median(float(row["ms"]) for row in rows))

    def steps_run_again(self) -> list[str]:
        """The steps whose result was stored as finished, and whose task ended with another result of that step."""
        rows = self.rows(
            "select s.task_id, s.step_id from chaos_steps s join tasks t using (task_id), "
            "lateral (select element from json_array_elements(t.result_json -> 'steps') as element "
            "where element ->> 'step_id' = s.step_id) as final "
            "where t.result_json is not null and final.element::jsonb <> s.result::jsonb"
        )
        return [f"{row['task_id']} {row['step_id']}" for row in rows]
