import json
import re
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest

from bot.api.bodies import P1_EXAMPLE
from bot.web import STATIC
from bot.web.assets import Assets

SCRIPTS = sorted(STATIC.glob("*.js"))
WAYS_TO_MARKUP = (
    "innerHTML", "outerHTML", "insertAdjacentHTML", "setHTML", "createContextualFragment", "DOMParser", "srcdoc",
    "document.write", "eval(", "new Function", 'setTimeout("', ".style.",
)  # fmt: skip
SOURCES = sorted(path for path in STATIC.iterdir() if path.suffix in {".js", ".css"})


class Page(HTMLParser):
    """The elements of a page with their attributes, and the text right inside each script."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.scripted = ""
        self._in_script = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        self._in_script = tag in {"script", "style"}

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.scripted += data.strip()

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False

    def values(self, attribute: str, *tags: str) -> list[str]:
        return [given[attribute] for tag, given in self.elements if attribute in given and (not tags or tag in tags)]


@pytest.fixture
async def page(client: httpx.AsyncClient) -> Page:
    return Page((await client.get("/")).text)


async def test_the_page_comes_under_a_policy_that_allows_no_inline_script(client: httpx.AsyncClient) -> None:
    response = await client.get("/")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    directives = [part.split() for part in response.headers["content-security-policy"].split(";")]
    policy = {name: " ".join(allowed) for name, *allowed in directives}
    assert policy["default-src"] in {"'self'", "'none'"}
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert "unsafe" not in response.headers["content-security-policy"]
    assert response.headers["x-content-type-options"] == "nosniff"


async def test_the_page_holds_no_script_style_or_handler_of_its_own(page: Page) -> None:
    assert page.scripted == ""
    attributes = {name for _, given in page.elements for name in given}
    assert not {name for name in attributes if name.startswith("on") or name == "style"}
    assert "style" not in {tag for tag, _ in page.elements}


async def test_every_address_of_the_page_is_relative_to_it(page: Page, client: httpx.AsyncClient) -> None:
    addresses = page.values("src") + page.values("href", "a", "link")
    assert addresses
    for address in addresses:
        assert not re.match(r"[a-z]+:|/", address), address
        if not address.startswith("#"):
            assert (await client.get(f"/{address}")).status_code == 200, address


@pytest.mark.parametrize(
    ("suffix", "media_type"),
    [
        (".js", "text/javascript; charset=utf-8"),
        (".css", "text/css; charset=utf-8"),
        (".svg", "image/svg+xml"),
    ],
)
async def test_each_file_comes_with_its_type_and_is_kept_for_good(
    client: httpx.AsyncClient, suffix: str, media_type: str
) -> None:
    assets = Assets(STATIC)
    names = [name for name in assets.names if name.endswith(suffix)]
    assert names
    for name in names:
        response = await client.get(f"/static/{assets.version}/{name}")
        assert response.status_code == 200
        assert response.headers["content-type"] == media_type
        assert "immutable" in response.headers["cache-control"]
        assert response.content == (STATIC / name).read_bytes()


async def test_a_file_of_another_release_is_asked_for_each_time(client: httpx.AsyncClient) -> None:
    response = await client.get("/static/0123456789abcdef/app.js")
    assert (response.status_code, response.headers["cache-control"]) == (200, "no-cache")


@pytest.mark.parametrize("path", ["/static/x/nothing.js", "/static/app.js", "/static/x/..%2fpage.html", "/static/x/"])
async def test_what_is_not_there_is_a_problem_document(client: httpx.AsyncClient, path: str) -> None:
    response = await client.get(path)
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/", "/static/x/app.js"])
async def test_an_unchanged_file_is_not_sent_again(client: httpx.AsyncClient, path: str) -> None:
    etag = (await client.get(path)).headers["etag"]
    again = await client.get(path, headers={"If-None-Match": f'"other", W/{etag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    changed = await client.get(path, headers={"If-None-Match": '"other"'})
    assert changed.status_code == 200
    assert (await client.head(path)).status_code == 200


async def test_the_example_of_the_page_is_that_of_the_api(page: Page, client: httpx.AsyncClient) -> None:
    (example,) = page.values("data-example")
    assert json.loads(example) == P1_EXAMPLE
    document = (await client.get("/openapi.json")).json()
    body = document["paths"]["/tasks"]["post"]["requestBody"]["content"]["application/json"]
    assert json.loads(example) == body["example"]
    created = await client.post("/tasks", json=json.loads(example))
    assert created.status_code == 201


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_nothing_is_loaded_from_elsewhere(path: Path) -> None:
    text = path.read_text()
    assert "//cdn" not in text
    assert not re.findall(r"https?://[\w.]", text)
    assert not re.findall(r"@import|url\(", text)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_text_can_become_markup_or_code(path: Path) -> None:
    text = path.read_text()
    assert not [way for way in WAYS_TO_MARKUP if way in text]


async def test_every_id_that_a_script_names_is_on_the_page_or_made_by_one(page: Page) -> None:
    on_page = page.values("id")
    assert len(on_page) == len(set(on_page))
    for path in SCRIPTS:
        text = path.read_text()
        missing = set(re.findall(r'byId\("([\w-]+)"\)', text)) - set(on_page)
        assert not missing, f"{path.name}: {missing}"
    everything = "".join(path.read_text() for path in SCRIPTS)
    made = set(re.findall(r'\bid: "([\w-]+)"', everything))
    assert set(re.findall(r'getElementById\("([\w-]+)"\)', everything)) <= made
    assert not made & set(on_page)


async def test_every_field_of_the_form_has_its_label_and_its_place_for_errors(page: Page) -> None:
    ids = set(page.values("id"))
    labelled = set(page.values("for", "label"))
    for tag in ("input", "textarea", "select"):
        assert set(page.values("id", tag)) <= labelled
    for described in page.values("aria-describedby"):
        assert set(described.split()) <= ids
    form = (STATIC / "form.js").read_text()
    fields = set(re.findall(r'"/(?:task|context)[\w/]*": "([\w-]+)"', form)) | {"more-context"}
    assert {f"{field}-error" for field in fields} <= ids
    known = {f"/context/{name}" for name in P1_EXAMPLE["context"]} | {"/task", "/context"}
    assert set(re.findall(r'"(/(?:task|context)[\w/]*)": "', form)) == known


async def test_every_icon_that_is_used_is_drawn(page: Page) -> None:
    drawn = {name.removeprefix("icon-") for name in page.values("id", "symbol")}
    text = "".join(path.read_text() for path in SCRIPTS)
    used = set(re.findall(r'mark: "(\w+)"', text)) | set(re.findall(r'\bicon\("(\w+)"', text))
    assert used
    assert used <= drawn


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_every_import_names_what_its_module_exports(path: Path) -> None:
    text = path.read_text()
    for names, module in re.findall(r'^import \{([^}]*)\} from "\./([\w.]+)";$', text, re.MULTILINE):
        exported = set(
            re.findall(
                r"^export (?:async )?(?:function|class|const) (\w+)", (STATIC / module).read_text(), re.MULTILINE
            )
        )
        wanted = {name.strip() for name in names.split(",")}
        assert wanted <= exported, f"{module} does not export {wanted - exported}"
        rest = text.replace(f"import {{{names}}}", "")
        for name in wanted:
            assert re.search(rf"\b{re.escape(name)}\b", rest), f"{name} is imported for nothing"
