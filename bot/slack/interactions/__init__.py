"""Buttons, shortcuts and forms. The ids below stand in messages that may be months old: they do not change."""

RERUN = "orch_rerun"
CANCEL = "orch_cancel"
SHOW = "orch_show"
POST = "orch_post"
FEEDBACK = "orch_feedback"
"""Actions; the value is a task's id. Of feedback the value is `helpful` or `rejected`, and the block's id has the task's."""

INVESTIGATE = "orch_investigate"
INVESTIGATE_ANEW = "orch_investigate_anew"
"""The shortcuts: of a message's menu, and from anywhere."""

ANALYZE_FORM = "orch_analyze"
REJECT_FORM = "orch_reject"
"""The `callback_id`s of forms."""
