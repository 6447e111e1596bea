"""The tables. Rows are not domain models: SQLModel does not validate them, so the stores map them by hand.

A change here needs a migration in `storage/migrations/versions`; a test holds the two together.
"""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Text,
    Uuid,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSON, JSONB
from sqlmodel import Field, SQLModel

_NOW = text("now()")
_EMPTY_OBJECT = text("'{}'::jsonb")


class TaskRow(SQLModel, table=True):
    """A task. `attempt` counts its runs and is the fencing token of the newest; `deaths` counts those that died."""

    __tablename__: ClassVar[Any] = "tasks"
    __table_args__: ClassVar[Any] = (
        CheckConstraint("status in ('queued', 'running', 'succeeded', 'failed')", name="tasks_status_is_known"),
        CheckConstraint("jsonb_typeof(context_json) = 'object'", name="tasks_context_is_an_object"),
        Index("tasks_newest_first", text("created_at desc"), text("task_id desc")),
        Index("tasks_by_status", "status", text("created_at desc"), text("task_id desc")),
        Index("tasks_by_service", text("(context_json ->> 'service')"), text("created_at desc"), text("task_id desc")),
        Index(
            "tasks_queued_by_door",
            text("(origin_json ->> 'door')"),
            "created_at",
            postgresql_where=text("status = 'queued'"),
        ),
        Index("tasks_ended", "updated_at", postgresql_where=text("status in ('succeeded', 'failed')")),
        Index(
            "tasks_ended_in_slack",
            "updated_at",
            postgresql_where=text("status in ('succeeded', 'failed') and origin_json ->> 'door' = 'slack'"),
        ),
        Index(
            "tasks_by_slack_channel",
            text("(origin_json ->> 'channel')"),
            text("created_at desc"),
            postgresql_where=text("origin_json ->> 'door' = 'slack'"),
        ),
        Index(
            "tasks_by_slack_user",
            text("(origin_json ->> 'user')"),
            text("created_at desc"),
            postgresql_where=text("origin_json ->> 'door' = 'slack'"),
        ),
        Index("tasks_running", "updated_at", postgresql_where=text("status = 'running'")),
    )

    task_id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    input_task: str = Field(sa_column=Column(Text, nullable=False))
    status: str = Field(sa_column=Column(Text, nullable=False))
    context_json: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False, server_default=_EMPTY_OBJECT))
    plan_json: Any = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    result_json: Any = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    verification_json: Any = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, server_default=_NOW))
    updated_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, server_default=_NOW))
    origin_json: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False, server_default=_EMPTY_OBJECT))
    key: str | None = Field(default=None, sa_column=Column(Text, unique=True))
    attempt: int = Field(default=0, sa_column_kwargs={"nullable": False, "server_default": text("0")})
    deaths: int = Field(default=0, sa_column_kwargs={"nullable": False, "server_default": text("0")})


class TaskStepRow(SQLModel, table=True):
    """The result of a step that has ended, for whoever takes the run over; gone with the run's end.

    `attempt` is that of the run which did the step.
    """

    __tablename__: ClassVar[Any] = "task_steps"

    task_id: UUID = Field(sa_column=Column(Uuid, ForeignKey("tasks.task_id", ondelete="CASCADE"), primary_key=True))
    step_id: str = Field(sa_column=Column(Text, primary_key=True))
    attempt: int = Field(sa_column_kwargs={"nullable": False})
    result_json: Any = Field(sa_column=Column(JSON, nullable=False))
    ended_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, server_default=_NOW))


class IdempotencyRow(SQLModel, table=True):
    """The answer to one `Idempotency-Key` of the REST API; without `response_status` it is still being made."""

    __tablename__: ClassVar[Any] = "idempotency_keys"
    __table_args__: ClassVar[Any] = (Index("idempotency_keys_by_age", "created_at"),)

    scope: str = Field(sa_column=Column(Text, primary_key=True))
    key: str = Field(sa_column=Column(Text, primary_key=True))
    fingerprint: str = Field(sa_column=Column(Text, nullable=False))
    response_status: int | None = None
    response_body: Any = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, server_default=_NOW))


class SlackInboxRow(SQLModel, table=True):
    """One thing that Slack sent; `key` is Slack's own id of it, so that a second delivery of it is not kept.

    `lease_until` and `attempt` are a process's claim on a `received` row, `failures` counts those that came to nothing. Rows of
    a `lane` are dealt with in the order of `seq`, those of a lower `urgency` first. `payload` is dropped from what is refused: what people say to each other is nothing to keep.
    """

    __tablename__: ClassVar[Any] = "slack_inbox"
    __table_args__: ClassVar[Any] = (
        CheckConstraint("state in ('received', 'done', 'refused')", name="slack_inbox_state_is_known"),
        Index("slack_inbox_waiting", "lane", "seq", postgresql_where=text("state = 'received'")),
        Index("slack_inbox_by_turn", "urgency", "seq", postgresql_where=text("state = 'received'")),
        Index("slack_inbox_by_age", "received_at"),
        Index("slack_inbox_by_task", "task_id", postgresql_where=text("task_id is not null")),
    )

    key: str = Field(sa_column=Column(Text, primary_key=True))
    kind: str = Field(sa_column=Column(Text, nullable=False))
    team: str | None = Field(default=None, sa_column=Column(Text))
    channel: str = Field(sa_column=Column(Text, nullable=False))
    payload: Any = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    received_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, server_default=_NOW))
    state: str = Field(sa_column=Column(Text, nullable=False, server_default=text("'received'")))
    reason: str | None = Field(default=None, sa_column=Column(Text))
    task_id: UUID | None = Field(default=None, sa_column=Column(Uuid, ForeignKey("tasks.task_id", ondelete="SET NULL")))
    attempt: int = Field(default=0, sa_column_kwargs={"nullable": False, "server_default": text("0")})
    failures: int = Field(default=0, sa_column_kwargs={"nullable": False, "server_default": text("0")})
    deaths: int = Field(default=0, sa_column_kwargs={"nullable": False, "server_default": text("0")})
    lease_until: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    seq: int = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), nullable=False))
    lane: str = Field(sa_column=Column(Text, nullable=False, server_default=text("''")))
    urgency: int = Field(default=1, sa_column_kwargs={"nullable": False, "server_default": text("1")})


class AlertStateRow(SQLModel, table=True):
    """What is known of one alert in one channel: `state` is a `core.alert_lifecycle.AlertState`.

    `message_ts` names every message that spoke of it, `repeats` counts the news that were not worth a reply.
    """

    __tablename__: ClassVar[Any] = "alert_states"
    __table_args__: ClassVar[Any] = (
        Index("alert_states_by_message", "message_ts", postgresql_using="gin"),
        Index("alert_states_by_task", "task_id", postgresql_where=text("task_id is not null")),
        Index("alert_states_by_age", "updated_at"),
    )

    channel: str = Field(sa_column=Column(Text, primary_key=True))
    group_key: str = Field(sa_column=Column(Text, primary_key=True))
    state: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    message_ts: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    thread_ts: str | None = Field(default=None, sa_column=Column(Text))
    task_id: UUID | None = Field(default=None, sa_column=Column(Uuid, ForeignKey("tasks.task_id", ondelete="SET NULL")))
    repeats: int = Field(default=0, sa_column_kwargs={"nullable": False, "server_default": text("0")})
    updated_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, server_default=_NOW))


class TaskFeedbackRow(SQLModel, table=True):
    """What one person said of a task's answer; `team` is empty for a caller of the API."""

    __tablename__: ClassVar[Any] = "task_feedback"
    __table_args__: ClassVar[Any] = (
        CheckConstraint("value in ('helpful', 'rejected')", name="task_feedback_value_is_known"),
        Index("task_feedback_by_value", "value", "created_at"),
    )

    task_id: UUID = Field(sa_column=Column(Uuid, ForeignKey("tasks.task_id", ondelete="CASCADE"), primary_key=True))
    team: str = Field(default="", sa_column=Column(Text, primary_key=True, server_default=text("''")))
    user_id: str = Field(sa_column=Column(Text, primary_key=True))
    value: str = Field(sa_column=Column(Text, nullable=False))
    note: str | None = Field(default=None, sa_column=Column(Text))
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, server_default=_NOW))


class ScheduleRow(SQLModel, table=True):
    """What is done again and again: due at `next_run`, which whoever does it moves on in the same transaction."""

    __tablename__: ClassVar[Any] = "schedule"
    __table_args__: ClassVar[Any] = (Index("schedule_due", "next_run"),)

    key: str = Field(sa_column=Column(Text, primary_key=True))
    kind: str = Field(sa_column=Column(Text, nullable=False))
    cron: str = Field(sa_column=Column(Text, nullable=False))
    tz: str = Field(sa_column=Column(Text, nullable=False))
    payload: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False, server_default=_EMPTY_OBJECT))
    next_run: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    last_run: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    last_outcome: str | None = Field(default=None, sa_column=Column(Text))
    updated_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, server_default=_NOW))


class DigestRow(SQLModel, table=True):
    """The digest of a team and ISO week, made once; `lease_until` and `attempt` are a process's claim on a `due` one.

    It is `handed_over` once its message stands in the outbox.
    """

    __tablename__: ClassVar[Any] = "digests"
    __table_args__: ClassVar[Any] = (
        CheckConstraint("state in ('due', 'handed_over', 'given_up')", name="digests_state_is_known"),
        Index("digests_due", "due_at", postgresql_where=text("state = 'due'")),
    )

    team: str = Field(sa_column=Column(Text, primary_key=True))
    week: str = Field(sa_column=Column(Text, primary_key=True))
    payload: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    due_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    state: str = Field(sa_column=Column(Text, nullable=False, server_default=text("'due'")))
    attempt: int = Field(default=0, sa_column_kwargs={"nullable": False, "server_default": text("0")})
    lease_until: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    reason: str | None = Field(default=None, sa_column=Column(Text))
    handed_over_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, server_default=_NOW))


class AlertLogRow(SQLModel, table=True):
    """One episode of an alert: from its first post to its end, with what was repeated in between."""

    __tablename__: ClassVar[Any] = "alert_log"
    __table_args__: ClassVar[Any] = (
        Index("alert_log_by_time", "fired_at"),
        Index("alert_log_open", "fired_at", postgresql_where=text("resolved_at is null")),
        Index("alert_log_by_task", "task_id"),
    )

    channel: str = Field(sa_column=Column(Text, primary_key=True))
    group_key: str = Field(sa_column=Column(Text, primary_key=True))
    episode: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    message_ts: str = Field(sa_column=Column(Text, nullable=False))
    vendor: str = Field(sa_column=Column(Text, nullable=False))
    title: str = Field(sa_column=Column(Text, nullable=False))
    service: str | None = Field(default=None, sa_column=Column(Text))
    severity: str | None = Field(default=None, sa_column=Column(Text))
    fired_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    resolved_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    repeats: int = Field(default=0, sa_column_kwargs={"nullable": False, "server_default": text("0")})
    task_id: UUID | None = Field(default=None, sa_column=Column(Uuid, ForeignKey("tasks.task_id", ondelete="SET NULL")))


class SlackOutboxRow(SQLModel, table=True):
    """One message of ours as it is to stand in Slack: `wanted` in its `wanted_version`, of which `written_version` stands there.

    `thread_ts`, or the row of `thread_key`, is the message that it answers. Within a thread rows are first written by `seq`
    and `id`, unless `overtakes_at` has come. `posting_at` without `ts`: it may stand there without our knowing. `claim` is
    that of the sender at work on it; `content` holds a file's bytes until they are written.
    """

    __tablename__: ClassVar[Any] = "slack_outbox"
    __table_args__: ClassVar[Any] = (
        CheckConstraint("kind in ('message', 'file', 'ephemeral')", name="slack_outbox_kind_is_known"),
        CheckConstraint("state in ('waiting', 'written', 'given_up')", name="slack_outbox_state_is_known"),
        Index("slack_outbox_waiting", "channel", "seq", "id", postgresql_where=text("state = 'waiting'")),
        Index("slack_outbox_given_up", "settled_at", postgresql_where=text("state = 'given_up'")),
        Index("slack_outbox_by_task", "task_id"),
        Index("slack_outbox_by_message", "channel", "ts"),
        Index("slack_outbox_by_thread", "channel", "thread_ts"),
        Index("slack_outbox_by_age", "created_at"),
    )

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    key: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    team: str = Field(sa_column=Column(Text, nullable=False, server_default=text("''")))
    channel: str = Field(sa_column=Column(Text, nullable=False))
    thread_ts: str | None = Field(default=None, sa_column=Column(Text))
    thread_key: str | None = Field(default=None, sa_column=Column(Text))
    seq: int = Field(default=100, sa_column_kwargs={"nullable": False, "server_default": text("100")})
    urgency: int = Field(default=1, sa_column_kwargs={"nullable": False, "server_default": text("1")})
    edit_urgency: int = Field(default=3, sa_column_kwargs={"nullable": False, "server_default": text("3")})
    overtakes_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    kind: str = Field(sa_column=Column(Text, nullable=False))
    wanted: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    content: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    wanted_version: int = Field(default=1, sa_column_kwargs={"nullable": False, "server_default": text("1")})
    written_version: int = Field(default=0, sa_column_kwargs={"nullable": False, "server_default": text("0")})
    is_final: bool = Field(default=False, sa_column_kwargs={"nullable": False, "server_default": false()})
    shape: str = Field(sa_column=Column(Text, nullable=False, server_default=text("'rich'")))
    ts: str | None = Field(default=None, sa_column=Column(Text))
    file_id: str | None = Field(default=None, sa_column=Column(Text))
    task_id: UUID | None = Field(default=None, sa_column=Column(Uuid, ForeignKey("tasks.task_id", ondelete="CASCADE")))
    role: str = Field(sa_column=Column(Text, nullable=False))
    response_url: str | None = Field(default=None, sa_column=Column(Text))
    state: str = Field(sa_column=Column(Text, nullable=False, server_default=text("'waiting'")))
    attempts: int = Field(default=0, sa_column_kwargs={"nullable": False, "server_default": text("0")})
    posting_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    not_before: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, server_default=_NOW))
    claim: UUID | None = Field(default=None, sa_column=Column(Uuid))
    error: str | None = Field(default=None, sa_column=Column(Text))
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, server_default=_NOW))
    settled_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


class SlackLaneRow(SQLModel, table=True):
    """When a channel may be written to next. While a sender writes there, `claim` is its own, until `free_at`."""

    __tablename__: ClassVar[Any] = "slack_lanes"
    __table_args__: ClassVar[Any] = (Index("slack_lanes_by_turn", "free_at"),)

    channel: str = Field(sa_column=Column(Text, primary_key=True))
    free_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, server_default=_NOW))
    claim: UUID | None = Field(default=None, sa_column=Column(Uuid))


class SlackRateRow(SQLModel, table=True):
    """When a method may be called next in a workspace."""

    __tablename__: ClassVar[Any] = "slack_rates"

    team: str = Field(sa_column=Column(Text, primary_key=True))
    method: str = Field(sa_column=Column(Text, primary_key=True))
    free_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, server_default=_NOW))


class AlertGroupRow(SQLModel, table=True):
    """The alerts that share a thread: `state` is a `core.alert_grouping.AlertGroup`."""

    __tablename__: ClassVar[Any] = "alert_groups"
    __table_args__: ClassVar[Any] = (Index("alert_groups_by_time", "channel", "newest_at"),)

    channel: str = Field(sa_column=Column(Text, primary_key=True))
    thread_ts: str = Field(sa_column=Column(Text, primary_key=True))
    newest_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    state: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    updated_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, server_default=_NOW))


class SlackInstallationRow(SQLModel, table=True):
    """A workspace that installed the app by OAuth; `token` is its bot token, sealed."""

    __tablename__: ClassVar[Any] = "slack_installations"

    team: str = Field(sa_column=Column(Text, primary_key=True))
    team_name: str = Field(sa_column=Column(Text, nullable=False))
    token: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    bot_user: str = Field(sa_column=Column(Text, nullable=False))
    scopes: str = Field(sa_column=Column(Text, nullable=False))
    installed_by: str | None = Field(default=None, sa_column=Column(Text))
    installed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, server_default=_NOW))


class SlackInstallStateRow(SQLModel, table=True):
    """An installation that was begun: what Slack brings back must have this digest, once, before it expires."""

    __tablename__: ClassVar[Any] = "slack_install_states"
    __table_args__: ClassVar[Any] = (Index("slack_install_states_by_age", "expires_at"),)

    digest: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    expires_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class ForgottenTaskRow(SQLModel, table=True):
    """A task that later searches are not to find; no longer so where `forgotten` was taken back."""

    __tablename__: ClassVar[Any] = "forgotten_tasks"

    task_id: UUID = Field(sa_column=Column(Uuid, ForeignKey("tasks.task_id", ondelete="CASCADE"), primary_key=True))
    forgotten: bool = Field(default=True, sa_column_kwargs={"nullable": False, "server_default": text("true")})
    changed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, server_default=_NOW))


class SlackGreetingRow(SQLModel, table=True):
    """Somebody, or a channel, that orch has greeted: once is enough."""

    __tablename__: ClassVar[Any] = "slack_greetings"

    key: str = Field(sa_column=Column(Text, primary_key=True))
    greeted_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, server_default=_NOW))
