"""The buttons of a thread: what can be done about a run, and whether its answer helped."""

from uuid import UUID

from bot.slack.interactions import CANCEL, FEEDBACK, RERUN, SHOW
from bot.slack.render.parts import Button, Buttons, Opinion, Part


def plan_controls(task_id: UUID) -> list[Part]:
    """While the run is under way."""
    stop = Button(action_id=CANCEL, label="Cancel", value=str(task_id), is_danger=True)
    return [Buttons(name=f"run:{task_id}", buttons=(stop,))]


def verdict_controls(task_id: UUID, *, has_answer: bool = True) -> list[Part]:
    """Below the answer; without one there is nothing to judge, and nothing more to show.

    The name of a block has the task's id, since the value of an opinion is the opinion.
    """
    again = Button(action_id=RERUN, label="Run again", value=str(task_id))
    if not has_answer:
        return [Buttons(name=f"answer:{task_id}", buttons=(again,))]
    show = Button(action_id=SHOW, label="Details", value=str(task_id))
    return [
        Opinion(
            name=f"opinion:{task_id}",
            yes=Button(action_id=FEEDBACK, label="👍 Helpful", value="helpful"),
            no=Button(action_id=FEEDBACK, label="👎 Wrong", value="rejected"),
        ),
        Buttons(name=f"answer:{task_id}", buttons=(again, show)),
    ]
