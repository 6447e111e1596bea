"""HTML, in which Jira's XML export writes descriptions and comments, as text."""

from html.parser import HTMLParser

_LINES = frozenset({"p", "br", "div", "li", "tr", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "table"})


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the parser passes them
        self.parts.append("\n" if tag in _LINES else "")

    def handle_endtag(self, tag: str) -> None:
        self.parts.append("\n" if tag in _LINES - {"br"} else "")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def html_text(html: str) -> str:
    """The text of a piece of HTML, a block a line, without empty lines."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    return "\n".join(line for line in lines if line)
