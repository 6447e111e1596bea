from core.evidence import ActionItem, ActionItems
from tools.action_items import find_action_items
from tools.texts import TextInput, text_tool


class Input(TextInput):
    """The text to read action items from."""


def _read(args: Input) -> ActionItems:
    return ActionItems(
        action_items=tuple(
            ActionItem(text=item.text, owner=item.owner, due=item.due) for item in find_action_items(args.text)
        )
    )


TOOL = text_tool(
    name="extract_action_items",
    description=(
        "What somebody is to do, with owner and due time in the words of the text: open check boxes, `Action:` and "
        "`TODO(name):` lines, requests to a person, and sentences that say must, should or needs to."
    ),
    input_type=Input,
    output_type=ActionItems,
    read=_read,
    is_empty=lambda output: not output.action_items,
)
