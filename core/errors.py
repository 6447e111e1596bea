"""The error tree. Every message names the thing, its value and the remedy, and is safe to show a person.

OrchError
├── InvalidInputError      the caller must change the request
├── TaskNotFoundError      no such task
├── TaskConflictError      the task is in a state that does not allow this
├── SettingsError          the operator must change the environment
├── StorageError           the database cannot be used now
└── ToolError              a tool could not do its work: becomes data in a ToolResult
    ├── ToolRefusedError       the arguments are not acceptable: the planner must change them
    ├── ToolUnavailableError   the system behind the tool did not answer: trying again may help
    │   └── ToolRestingError       it has not answered for a while and is not asked now: trying again at once does not help
    └── ToolBrokenError        the system answered something that cannot be read: trying again does not help
"""

from uuid import UUID


class OrchError(Exception):
    """The root: `str(error)` is a sentence a person can act on."""


class InvalidInputError(OrchError):
    """A request cannot be taken as it is; `pointer` is the JSON pointer (RFC 6901) of the offending value."""

    def __init__(self, message: str, *, pointer: str = "") -> None:
        super().__init__(message)
        self.pointer = pointer


class TaskNotFoundError(OrchError):
    """There is no task of this id."""

    def __init__(self, task_id: UUID | str) -> None:
        super().__init__(f"there is no task {task_id}: GET /tasks lists the tasks that exist")


class TaskConflictError(OrchError):
    """The task, or the key it came with, is in a state that does not allow this."""


class SettingsError(OrchError):
    """A setting of the environment is missing or wrong."""


class StorageError(OrchError):
    """The database cannot be reached or used now."""


class ToolError(OrchError):
    """A tool could not do its work."""


class ToolRefusedError(ToolError):
    """The arguments of a tool call are not acceptable."""


class ToolUnavailableError(ToolError):
    """The system behind a tool did not answer, or said it is overloaded; trying again may help."""


class ToolRestingError(ToolUnavailableError):
    """The system behind a tool has failed so often that it is not asked for a while; the message says until when."""


class ToolBrokenError(ToolError):
    """The system behind a tool answered something that cannot be read; trying again does not help."""
