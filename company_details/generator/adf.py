"""Atlassian Document Format, as far as tickets need it.

https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/
"""

type Node = dict[str, object]


def text(words: str, *marks: str) -> Node:
    node: Node = {"type": "text", "text": words}
    if marks:
        node["marks"] = [{"type": mark} for mark in marks]
    return node


def paragraph(words: str) -> Node:
    return {"type": "paragraph", "content": [text(words)]}


def heading(words: str) -> Node:
    return {"type": "heading", "attrs": {"level": 3}, "content": [text(words)]}


def bullets(items: list[str]) -> Node:
    return {"type": "bulletList", "content": [{"type": "listItem", "content": [paragraph(item)]} for item in items]}


def code(words: str) -> Node:
    return {"type": "codeBlock", "attrs": {"language": "text"}, "content": [text(words)]}


def document(source: str) -> Node:
    """A document from plain text: blank lines part paragraphs, `## ` heads, `- ` lists, four spaces indent code."""
    blocks: list[Node] = []
    for part in source.strip("\n").split("\n\n"):
        lines = part.split("\n")
        if lines[0].startswith("## "):
            blocks.append(heading(lines[0][3:]))
            lines = lines[1:]
        if not lines:
            continue
        if all(line.startswith("- ") for line in lines):
            blocks.append(bullets([line[2:] for line in lines]))
        elif all(line.startswith("    ") for line in lines):
            blocks.append(code("\n".join(line[4:] for line in lines)))
        else:
            blocks.append(paragraph(" ".join(lines)))
    return {"type": "doc", "version": 1, "content": blocks}
