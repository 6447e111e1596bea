"""The page at `/`."""


def render_page() -> str:
    """The HTML of the page; its scripts and styles come from `/static`, which is `bot/web/static`."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>orch</title></head><body><h1>orch</h1>'
        '<p><a href="docs">The API</a> · <a href="health">Health</a> · <a href="manual/docs">Ask the systems</a></p>'
        "</body></html>\n"
    )
