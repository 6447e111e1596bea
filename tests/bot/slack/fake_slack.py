"""A server in place of Slack's Web API, which holds what it is sent to Slack's own rules, from their documentation."""

import json
import re
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from aiohttp import web
from slack_sdk.models.blocks import Block

TOKEN = "xoxb-1-test"
BOT = "B1"
POST_ARGUMENTS = {
    "channel", "text", "blocks", "thread_ts", "metadata", "mrkdwn", "unfurl_links", "unfurl_media", "parse", "link_names",
}  # fmt: skip
UPDATE_ARGUMENTS = {"channel", "ts", "text", "blocks", "metadata", "parse", "link_names"}
READING = {"conversations.info", "users.info", "chat.getPermalink"}
"""They take no JSON: https://docs.slack.dev/reference/methods/users.info"""
CONTROL_SEQUENCE = re.compile(r"<(?:[!@#]|[a-z]+:|/)", re.IGNORECASE)
UNESCAPED = re.compile(r"[<>]|&(?!(?:amp|lt|gt);)")
SCOPES = {
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "chat.postEphemeral": "chat:write",
    "conversations.history": "channels:history",
    "conversations.replies": "channels:history",
    "files.getUploadURLExternal": "files:write",
    "files.completeUploadExternal": "files:write",
}
PAYLOAD = {"key", "role", "version", "task_id"}
HISTORIES = {"conversations.history", "conversations.replies"}
HISTORY_ARGUMENTS = {"channel", "ts", "oldest", "limit", "cursor", "include_all_metadata"}
STATUSES = {"pending", "in_progress", "complete", "error"}


@dataclass
class Sent:
    """A message as it stands; `versions` are all its states, `times` when each came."""

    channel: str
    ts: str
    thread_ts: str | None
    versions: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    times: list[float] = field(default_factory=list[float])

    @property
    def body(self) -> dict[str, Any]:
        return self.versions[-1]

    @property
    def role(self) -> str:
        return self.body["metadata"]["event_payload"]["role"]

    @property
    def words(self) -> str:
        """Every text in its blocks, else its text."""
        return " ".join(texts(self.body["blocks"])) if self.body.get("blocks") else self.body["text"]

    @property
    def block_types(self) -> set[str]:
        return {block["type"] for block in self.body.get("blocks", [])}


@dataclass
class Refusal:
    """`is_done`: Slack does what it was asked, and answers so all the same; `closes`: it hangs up instead of answering."""

    error: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict[str, str])
    is_done: bool = False
    closes: bool = False


@dataclass
class Upload:
    """A file on its way; `shared` counts the messages that show it."""

    name: str
    length: int
    alt_text: str
    content: bytes | None = None
    shared: int = 0


type Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class FakeSlack:
    """`refusals` are given to the next calls of a method, one each; `unknown_blocks` are block types it does not take.

    `others` answer further methods, or these otherwise, the token checked by themselves; `on_link` takes WebSockets.
    """

    channels: set[str] = field(default_factory=lambda: {"C1"})
    names: dict[str, str] = field(default_factory=dict[str, str])
    unknown_blocks: set[str] = field(default_factory=set[str])
    refusals: dict[str, list[Refusal]] = field(default_factory=lambda: defaultdict(list))
    messages: dict[str, Sent] = field(default_factory=dict[str, Sent])
    calls: list[str] = field(default_factory=list[str])
    violations: list[str] = field(default_factory=list[str])
    told: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    others: dict[str, Answer] = field(default_factory=dict[str, Answer])
    on_link: Answer | None = None
    page: int = 100
    lacking_scopes: set[str] = field(default_factory=set[str])
    uploads: dict[str, Upload] = field(default_factory=dict[str, Upload])
    users: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    views: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    used_triggers: set[str] = field(default_factory=set[str])
    private: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    url: str = ""

    @property
    def opening(self) -> Sent:
        (found,) = [message for message in self.messages.values() if message.thread_ts is None]
        return found

    def role(self, role: str) -> Sent | None:
        found = [message for message in self.messages.values() if message.role == role]
        assert len(found) <= 1, f"{len(found)} messages of role {role}"
        return found[0] if found else None

    def hold_post(self, channel: str, ts: str, *, metadata: dict[str, Any] | None = None) -> None:
        """A post of another app stands in the channel."""
        body = {"text": "", "bot_id": "B9", "metadata": metadata or {"event_payload": {"role": "another app's"}}}
        self.messages[ts] = Sent(channel, ts, None, [body], [monotonic()])

    async def call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        self.calls.append(method)
        if method in self.others:
            return await self.others[method](request)
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.json_response({"ok": False, "error": "invalid_auth"})
        if SCOPES.get(method) in self.lacking_scopes:
            return web.json_response({"ok": False, "error": "missing_scope", "needed": SCOPES[method]})
        refusal = self.refusals[method].pop(0) if self.refusals[method] else None
        if refusal is None or refusal.is_done:
            answer = await self._do(method, request)
            if refusal is None:
                return web.json_response(answer)
        if refusal.closes and request.transport is not None:
            request.transport.abort()
        return web.json_response({"ok": False, "error": refusal.error}, status=refusal.status, headers=refusal.headers)

    async def _do(self, method: str, request: web.Request) -> dict[str, Any]:  # noqa: C901 -- one case a method
        if method in HISTORIES:
            return self._read(method, dict(request.query))
        wanted = "application/x-www-form-urlencoded" if method in READING else "application/json"
        if request.content_type != wanted:
            self.violations.append(f"{method} with {request.content_type}")
        arguments: dict[str, Any] = dict(await request.post()) if method in READING else await request.json()
        match method:
            case "auth.test":
                answer: dict[str, Any] = {"ok": True, "user": "orch", "team": "Test", "bot_id": BOT}
            case "conversations.info":
                name = self.names.get(arguments["channel"])
                answer = (
                    {"ok": True, "channel": {"name": name}} if name else {"ok": False, "error": "channel_not_found"}
                )
            case "users.info" | "views.open" | "chat.getPermalink":
                answer = self._do_for_people(method, arguments)
            case "chat.postMessage":
                answer = self._post(arguments)
            case "chat.update":
                answer = self._update(arguments)
            case "chat.postEphemeral":
                self.violations += check_message(arguments.get("blocks", []), arguments["text"])
                self.private.append(arguments)
                answer = {"ok": True, "message_ts": "1.0"}
            case "files.getUploadURLExternal":
                answer = self._begin_upload(arguments)
            case "files.completeUploadExternal":
                answer = self._share(arguments)
            case _:
                answer = {"ok": False, "error": "unknown_method"}
        return answer

    def _do_for_people(self, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        match method:
            case "users.info":
                return {"ok": True, "user": {"id": arguments["user"], **self.users.get(arguments["user"], {})}}
            case "chat.getPermalink":
                return {"ok": True, "permalink": f"https://test.slack.com/archives/{arguments['channel']}/p1"}
            case _:
                return self._open(arguments)

    def _open(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """https://docs.slack.dev/reference/methods/views.open"""
        if arguments.keys() != {"trigger_id", "view"}:
            self.violations.append(f"views.open with {arguments.keys()}")
        if arguments["trigger_id"] in self.used_triggers:
            return {"ok": False, "error": "exchanged_trigger_id"}
        self.used_triggers.add(arguments["trigger_id"])
        self.violations += check_view(arguments["view"])
        self.views.append(arguments["view"])
        return {"ok": True, "view": {"id": "V1", "hash": "1.a"}}

    def _begin_upload(self, arguments: dict[str, Any]) -> dict[str, Any]:
        if arguments.keys() not in ({"filename", "length", "alt_txt"}, {"filename", "length", "snippet_type"}):
            self.violations.append(f"files.getUploadURLExternal with {arguments.keys()}")
        file_id = f"F{len(self.uploads) + 1:010}"
        self.uploads[file_id] = Upload(arguments["filename"], arguments["length"], arguments.get("alt_txt", ""))
        return {"ok": True, "file_id": file_id, "upload_url": f"{self.url}/upload/{file_id}"}

    async def carry(self, request: web.Request) -> web.Response:
        """https://docs.slack.dev/messaging/working-with-files#uploading_files: no token, and 200 for the whole file."""
        upload = self.uploads[request.match_info["file_id"]]
        upload.content = await request.read()
        if "Authorization" in request.headers:
            self.violations.append("a token shown to an upload address")
        whole = len(upload.content) == upload.length
        return web.Response(text=f"OK - {len(upload.content)}", status=200 if whole else 400)

    def _share(self, arguments: dict[str, Any]) -> dict[str, Any]:
        if not {"files", "channel_id"} <= arguments.keys() <= {"files", "channel_id", "thread_ts"}:
            self.violations.append(f"files.completeUploadExternal with {arguments.keys()}")
        if arguments["channel_id"] not in self.channels:
            return {"ok": False, "error": "channel_not_found"}
        ((file_id, title),) = [(file["id"], file["title"]) for file in arguments["files"]]
        upload = self.uploads[file_id]
        if upload.content is None:
            self.violations.append(f"{file_id} shown before it was uploaded")
        upload.shared += 1
        body = {"text": "", "files": [{"id": file_id, "title": title}], "metadata": {"event_payload": {"role": "file"}}}
        ts = self._stamp()
        self.messages[ts] = Sent(arguments["channel_id"], ts, arguments.get("thread_ts"), [body], [monotonic()])
        return {"ok": True, "files": [{"id": file_id, "title": title}]}

    def _stamp(self) -> str:
        return f"1700000000.{len(self.messages) + 1:06}"

    def _read(self, method: str, arguments: dict[str, str]) -> dict[str, Any]:
        """Newest first in a channel, oldest first in a thread; metadata only to whoever asks for it."""
        if unknown := arguments.keys() - HISTORY_ARGUMENTS:
            self.violations.append(f"{method} with {unknown}")
        if arguments["channel"] not in self.channels:
            return {"ok": False, "error": "channel_not_found"}
        parent = arguments.get("ts")
        found = [
            message
            for message in self.messages.values()
            if message.channel == arguments["channel"]
            and (message.thread_ts is None if parent is None else parent in {message.ts, message.thread_ts})
        ]
        if parent is None:
            found.reverse()
        start = int(arguments.get("cursor", "0"))
        end = start + min(int(arguments["limit"]), self.page)
        answer: dict[str, Any] = {"ok": True, "messages": [self._show(it, arguments) for it in found[start:end]]}
        if end < len(found):
            answer["response_metadata"] = {"next_cursor": str(end)}
        return answer

    def _show(self, message: Sent, arguments: dict[str, str]) -> dict[str, Any]:
        shown = {"ts": message.ts, "bot_id": BOT, **message.body}
        if arguments.get("include_all_metadata") not in {"1", "true", "True"}:
            shown.pop("metadata", None)
        return shown

    async def link(self, request: web.Request) -> web.StreamResponse:
        assert self.on_link is not None
        return await self.on_link(request)

    async def tell(self, request: web.Request) -> web.Response:
        self.told.append(await request.json())
        return web.Response(text="ok")

    def _post(self, arguments: dict[str, Any]) -> dict[str, Any]:
        self._check_names("chat.postMessage", arguments, POST_ARGUMENTS)
        channel, thread_ts = arguments["channel"], arguments.get("thread_ts")
        if channel not in self.channels:
            return {"ok": False, "error": "channel_not_found"}
        if thread_ts is not None and thread_ts not in self.messages:
            self.violations.append(f"a thread {thread_ts} that does not exist")
        if refused := self._refuse_blocks(arguments):
            return refused
        ts = self._stamp()
        self.messages[ts] = Sent(channel, ts, thread_ts, [arguments], [monotonic()])
        return {"ok": True, "channel": channel, "ts": ts, "message": {"text": arguments["text"]}}

    def _update(self, arguments: dict[str, Any]) -> dict[str, Any]:
        self._check_names("chat.update", arguments, UPDATE_ARGUMENTS)
        found = self.messages.get(arguments["ts"])
        if found is None or found.channel != arguments["channel"]:
            return {"ok": False, "error": "message_not_found"}
        if refused := self._refuse_blocks(arguments):
            return refused
        # What is not named stays as it is.
        found.versions.append({**({"blocks": found.body["blocks"]} if "blocks" in found.body else {}), **arguments})
        found.times.append(monotonic())
        return {"ok": True, "channel": found.channel, "ts": found.ts, "text": arguments["text"]}

    def _check_names(self, method: str, arguments: dict[str, Any], known: set[str]) -> None:
        if unknown := arguments.keys() - known:
            self.violations.append(f"{method} with {unknown}")
        metadata = arguments["metadata"]
        payload = metadata["event_payload"]
        if metadata["event_type"] != "orch_message" or not {"role"} <= payload.keys() <= PAYLOAD:
            self.violations.append(f"metadata {metadata}")

    def _refuse_blocks(self, arguments: dict[str, Any]) -> dict[str, Any] | None:
        blocks = arguments.get("blocks", [])
        self.violations += check_message(blocks, arguments["text"])
        if self.unknown_blocks & {block["type"] for block in blocks}:
            return {"ok": False, "error": "invalid_blocks"}
        return None


@asynccontextmanager
async def serve_fake_slack() -> AsyncGenerator[FakeSlack]:
    fake = FakeSlack()
    app = web.Application()
    app.router.add_post("/api/{method}", fake.call)
    app.router.add_get("/api/{method}", fake.call)
    app.router.add_post("/upload/{file_id}", fake.carry)
    app.router.add_post("/response", fake.tell)
    app.router.add_get("/link", fake.link)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0]
    fake.url = f"http://{host}:{port}"
    try:
        yield fake
    finally:
        await runner.cleanup()


def check_view(view: dict[str, Any]) -> Iterator[str]:
    """What Slack would refuse of a modal: https://docs.slack.dev/reference/views/modal-views"""
    for name in ("title", "submit", "close"):
        if view[name]["type"] != "plain_text" or not 0 < len(view[name]["text"]) <= 24:
            yield f"a view's {name} {view[name]}"
    if len(view["private_metadata"]) > 3000 or len(view["callback_id"]) > 255 or not 0 < len(view["blocks"]) <= 100:
        yield f"a view {view}"
    names = [block["block_id"] for block in view["blocks"]]
    if len(set(names)) != len(names):
        yield f"block ids twice: {names}"
    for block in view["blocks"]:
        yield from check_input(block)


def check_input(block: dict[str, Any]) -> Iterator[str]:
    """https://docs.slack.dev/reference/block-kit/blocks/input-block"""
    element = block["element"]
    if block["type"] != "input" or not 0 < len(block["label"]["text"]) <= 2000 or not element["action_id"]:
        yield f"an input {block}"
    options = element.get("options", [])
    if element["type"] == "static_select" and not 0 < len(options) <= 100:
        yield f"{len(options)} options"
    for option in options:
        if not 0 < len(option["text"]["text"]) <= 75 or not 0 < len(option["value"]) <= 150:
            yield f"an option {option}"
    if len(element.get("placeholder", {}).get("text", "")) > 150 or element.get("max_length", 0) > 3000:
        yield f"an element {element}"


def check_message(blocks: list[dict[str, Any]], text: str) -> list[str]:
    """What Slack would refuse or cut, and what it would read as markup: https://docs.slack.dev/reference/block-kit/blocks"""
    found: list[str] = []
    if not text or len(text) > 4000:
        found.append(f"a text of {len(text)} characters")
    if UNESCAPED.search(text):
        found.append(f"unescaped text: {text!r}")
    if len(blocks) > 50:
        found.append(f"{len(blocks)} blocks")
    size = len(json.dumps(blocks, ensure_ascii=False))
    if size > 12_000:
        found.append(f"{size} characters of blocks")
    for block in blocks:
        Block.parse(block).to_dict()  # type: ignore[union-attr] -- raises SlackObjectFormationError over what it refuses
        found += check_block(block)
    found += [f"a control sequence in {words!r}" for words in texts(blocks) if CONTROL_SEQUENCE.search(words)]
    return found


def check_block(block: dict[str, Any]) -> Iterator[str]:
    match block["type"]:
        case "section":
            yield from check_text(block["text"], 3000)
        case "header":
            yield from check_text(block["text"], 150, kind="plain_text")
        case "context":
            if not 1 <= len(block["elements"]) <= 10:
                yield f"{len(block['elements'])} context elements"
            for element in block["elements"]:
                yield from check_text(element, 3000)
        case "rich_text":
            yield from check_rich_text(block)
        case "plan":
            yield from check_plan(block)
        case "actions" | "context_actions" as kind:
            yield from check_actions(block, {"actions": 25, "context_actions": 5}[kind])
        case other:
            yield f"a block of type {other}"


def check_actions(block: dict[str, Any], most: int) -> Iterator[str]:
    elements = block["elements"]
    names = [element["action_id"] for element in elements]
    if not 1 <= len(elements) <= most or len(set(names)) != len(names) or not 0 < len(block["block_id"]) <= 255:
        yield f"a block of controls {block}"
    for element in elements:
        match element["type"]:
            case "button":
                buttons = [element]
            case "feedback_buttons" if block["type"] == "context_actions":
                buttons = [element["positive_button"], element["negative_button"]]
            case _:
                yield f"a control {element}"
                continue
        for button in buttons:
            yield from check_text(button["text"], 75)
            if button["text"]["type"] != "plain_text" or not 0 < len(button["value"]) <= 2000:
                yield f"a button {button}"


def check_plan(block: dict[str, Any]) -> Iterator[str]:
    if not block["title"] or len(block["title"]) > 150:
        yield f"a plan title {block['title']!r}"
    if not len(block["tasks"]) <= 50:
        yield f"{len(block['tasks'])} tasks"
    if len({task["task_id"] for task in block["tasks"]}) != len(block["tasks"]):
        yield "task ids twice"
    for task in block["tasks"]:
        yield from check_card(task)


def check_card(task: dict[str, Any]) -> Iterator[str]:
    if task["status"] not in STATUSES or not task["title"].strip() or len(task["title"]) > 150:
        yield f"a task card {task}"
    if task["type"] != "task_card":
        yield f"a plan's task of type {task['type']}"
    if "output" in task:
        yield from check_rich_text(task["output"])
    for source in task.get("sources", []):
        if source["type"] != "url" or not source["url"].startswith(("http://", "https://")) or not source["text"]:
            yield f"a source {source}"


def check_rich_text(block: dict[str, Any]) -> Iterator[str]:
    if block["type"] != "rich_text" or not block["elements"]:
        yield f"a rich text {block}"
    for element in block["elements"]:
        if element["type"] == "rich_text_list":
            if element["style"] not in {"bullet", "ordered"} or not element["elements"]:
                yield f"a list {element}"
            for item in element["elements"]:
                yield from check_rich_section(item)
        else:
            yield from check_rich_section(element)


def check_rich_section(section: dict[str, Any]) -> Iterator[str]:
    if section["type"] != "rich_text_section" or not section["elements"]:
        yield f"a rich section {section}"
    for element in section["elements"]:
        match element:
            case {"type": "text", "text": str(words)} if words:
                pass
            case {"type": "user", "user_id": str(user)} if re.fullmatch(r"[UW][A-Z0-9]+", user):
                pass
            case {"type": "link", "url": str(url), "text": str(words)} if words and url.startswith(
                ("http://", "https://")
            ):
                pass
            case _:
                yield f"a rich element {element}"


def check_text(text: dict[str, Any], limit: int, *, kind: str = "") -> Iterator[str]:
    if (
        kind not in text["type"]
        or text["type"] not in {"plain_text", "mrkdwn"}
        or not text["text"].strip()
        or len(text["text"]) > limit
    ):
        yield f"a text {text}"
    if text["type"] == "mrkdwn" and UNESCAPED.search(text["text"]):
        yield f"unescaped mrkdwn: {text['text']!r}"


def texts(value: Any) -> Iterator[str]:
    """Every text that is shown, in order."""
    if isinstance(value, dict):
        for key, item in value.items():  # pyright: ignore[reportUnknownVariableType] -- JSON
            if key in {"text", "title"} and isinstance(item, str):
                yield item
            else:
                yield from texts(item)
    elif isinstance(value, list):
        for item in value:  # pyright: ignore[reportUnknownVariableType] -- JSON
            yield from texts(item)
