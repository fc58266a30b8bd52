"""The server: who is let in, what is answered, and that nobody else gets anything."""

from __future__ import annotations

import importlib.resources
import io
import socket
import sys
import threading
import urllib.request
import webbrowser
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image
from starlette.testclient import TestClient

from mangacolor.batch.events import Event, Notice
from mangacolor.errors import MissingPackageError, UsageError
from mangacolor.review.desk import Desk
from mangacolor.review.guard import Guard, hosts_of
from mangacolor.review.serve import serve
from mangacolor.review.server import make_app
from tests.review.conftest import Opener

TOKEN, HOST = "t0ken", "127.0.0.1:4321"
SET = {"act": "set", "page": "1.png", "at": [240, 100], "color": "#ffd700", "scope": "this"}


def client_of(desk: Desk, ended: threading.Event | None = None) -> TestClient:
    app = Guard(
        make_app(desk, (ended or threading.Event()).set), TOKEN, hosts_of("127.0.0.1", 4321)
    )
    return TestClient(app, base_url=f"http://{HOST}", raise_server_exceptions=False)


@pytest.fixture
def client(opener: Opener) -> Iterator[TestClient]:
    with opener() as desk:
        yield client_of(desk)


def test_the_page_and_all_that_it_needs_is_answered(client: TestClient) -> None:
    page = client.get(f"/{TOKEN}/")
    assert page.status_code == 200 and "<title>mangacolor" in page.text
    folder = importlib.resources.files("mangacolor.review") / "web"
    for file in folder.iterdir():
        assert file.name == "index.html" or client.get(f"/{TOKEN}/{file.name}").status_code == 200
    # Nothing comes from elsewhere, and no other page may show this one.
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert page.headers["referrer-policy"] == "no-referrer"
    state = client.get(f"/{TOKEN}/api/state").json()
    assert [page["state"] for page in state["pages"]] == ["done", "done"]
    for path in ("color.jpg", "grey.jpg", "areas.png", "area/1"):
        assert client.get(f"/{TOKEN}/api/page/0/{path}").status_code == 200
    assert client.get(f"/{TOKEN}/api/reference/0.jpg").status_code == 200
    assert client.get(f"/{TOKEN}/api/cast").json()["references"]


def test_pages_are_seen_as_they_came_before_the_model_is_open(
    opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Desk, "start", lambda desk: None)
    with opener(wait=False) as desk:
        client = client_of(desk)
        assert not client.get(f"/{TOKEN}/api/state").json()["open"]
        shown = client.get(f"/{TOKEN}/api/page/0/grey.jpg?width=240")
        assert shown.status_code == 200 and Image.open(io.BytesIO(shown.content)).width == 240
        assert client.get(f"/{TOKEN}/api/page/0/color.jpg").status_code == 409


def test_who_knows_the_state_is_not_told_it_again(client: TestClient) -> None:
    state = client.get(f"/{TOKEN}/api/state?version=").json()
    known = f"/{TOKEN}/api/state?version={state['version']}"
    again = client.get(known)
    assert (again.status_code, again.content) == (204, b"")
    assert client.post(f"/{TOKEN}/api/act", json=SET).status_code == 200
    assert client.get(known).json()["version"] > state["version"]


def test_an_act_is_done_and_what_is_none_is_told(client: TestClient) -> None:
    state = client.post(f"/{TOKEN}/api/act", json=SET).json()
    assert state["undo"] and not state["redo"]
    areas = client.get(f"/{TOKEN}/api/page/0").json()["areas"]
    assert [area["color"] for area in areas if area["how"] == "given"] == ["#ffd700"]
    state = client.post(f"/{TOKEN}/api/act", json={"act": "undo"}).json()
    assert state["redo"] and not state["undo"]
    wrong_ones: list[Any] = [
        {"act": "paint"},
        {**SET, "page": "3.png"},
        {**SET, "color": "red"},
        [],
        "x",
        {**SET, "page": "../1.png"},
    ]
    for wrong in wrong_ones:
        answer = client.post(f"/{TOKEN}/api/act", json=wrong)
        assert answer.status_code == 409 and answer.json()["error"]
    assert (
        client.post(
            f"/{TOKEN}/api/act", content=b"{", headers={"content-type": "application/json"}
        ).status_code
        == 409
    )
    assert (
        client.post(
            f"/{TOKEN}/api/act",
            content=b" " * 2_000_000,
            headers={"content-type": "application/json"},
        ).status_code
        == 409
    )


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        # DNS rebinding: another page's name that leads to this machine.
        (f"/{TOKEN}/api/state", {"host": "evil.example:4321"}),
        (f"/{TOKEN}/api/state", {"host": "127.0.0.1:80"}),
        (f"/{TOKEN}/api/state", {"host": ""}),
        (f"/{TOKEN}/api/state", {"origin": "http://evil.example"}),
        (f"/{TOKEN}/api/state", {"origin": "https://127.0.0.1:4321"}),
        (f"/{TOKEN}/api/state", {"origin": "null"}),
        (f"/{TOKEN}/api/state", {"origin": "http://localhost:4321"}),
        (f"/{TOKEN}/api/state", {"sec-fetch-site": "cross-site"}),
        (f"/{TOKEN}/api/state", {"sec-fetch-site": "same-site"}),
        ("/api/state", {}),
        ("/", {}),
        (f"/{TOKEN}x/api/state", {}),
        (f"/{TOKEN[:-1]}/api/state", {}),
        ("//api/state", {}),
    ],
)
def test_nobody_else_gets_in(client: TestClient, path: str, headers: dict[str, str]) -> None:
    for method in ("GET", "POST"):
        answer = client.request(method, path, headers=headers)
        assert answer.status_code == 403
        assert "pages" not in answer.text and TOKEN not in answer.text
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_its_own_page_gets_in_by_all_names_of_this_machine(client: TestClient) -> None:
    for host in ("127.0.0.1:4321", "localhost:4321", "LOCALHOST:4321", "[::1]:4321"):
        headers = {"host": host, "origin": f"http://{host}", "sec-fetch-site": "same-origin"}
        assert client.get(f"/{TOKEN}/api/state", headers=headers).status_code == 200


def test_a_form_of_another_page_does_nothing(client: TestClient) -> None:
    # What needs no permission of the browser's: a form's kinds of content.
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        answer = client.post(
            f"/{TOKEN}/api/act", content=b'{"act": "undo"}', headers={"content-type": kind}
        )
        assert answer.status_code == 409
    assert client.get(f"/{TOKEN}/api/act").status_code == 405
    assert client.get(f"/{TOKEN}/api/quit").status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "../pyproject.toml",
        "..%2f..%2fetc%2fpasswd",
        "%2e%2e/%2e%2e/etc/passwd",
        "....//x",
        "web/app.js",
        "app.js/../../desk.py",
        "/etc/passwd",
        "api/page/../state.py",
        "api/page/-1",
        "api/page/99",
        "api/page/1.png",
        "api/page/0/..%2fx",
        "api/reference/9.jpg",
        "api/reference/..%2fcover.png",
        "api/page/99999999999999999999/color.jpg",
        "%00",
    ],
)
def test_no_file_but_its_own_can_be_had(client: TestClient, path: str) -> None:
    answer = client.get(f"/{TOKEN}/{path}")
    assert answer.status_code in (403, 404, 409)
    assert b"root:" not in answer.content and b"import" not in answer.content


def test_finishing_ends_the_server(opener: Opener) -> None:
    ended = threading.Event()
    with opener() as desk:
        assert client_of(desk, ended).post(f"/{TOKEN}/api/quit", json={}).status_code == 200
    assert ended.is_set()


def test_it_is_served_at_loopback_with_a_token_and_a_taken_port_is_told(opener: Opener) -> None:
    seen: dict[str, Any] = {}
    with opener() as desk:

        def ready(url: str) -> None:
            seen["url"] = url
            opener_ = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with opener_.open(url, timeout=20) as answer:
                seen["page"] = answer.read()
            request = urllib.request.Request(
                f"{url}api/quit", b"{}", {"content-type": "application/json"}
            )
            opener_.open(request, timeout=20).close()

        serve(desk, ready, browser=False)
        assert seen["url"].startswith("http://127.0.0.1:") and b"<title>" in seen["page"]
        assert len(seen["url"].split("/")[3]) >= 32
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            with pytest.raises(UsageError, match=f"Port {port}"):
                serve(desk, lambda url: None, port=port, browser=False)


@pytest.mark.parametrize("fault", [False, webbrowser.Error("none")])
def test_where_no_browser_can_be_opened_it_is_told(
    opener: Opener, monkeypatch: pytest.MonkeyPatch, fault: Any
) -> None:
    def open_(url: str) -> bool:
        if fault:
            raise fault
        return False

    monkeypatch.setattr(webbrowser, "open", open_)
    told: list[Event] = []
    with opener() as desk:

        def tell(event: Event) -> None:
            told.append(event)
            body = urllib.request.Request(
                f"{found[0]}api/quit", b"{}", {"content-type": "application/json"}
            )
            opener_ = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            opener_.open(body, timeout=20).close()

        found: list[str] = []
        serve(desk, found.append, tell=tell)
    (event,) = told
    assert isinstance(event, Notice) and "No browser" in event.text


def test_pages_are_sent_as_wide_as_they_are_asked_for(client: TestClient) -> None:
    for name in ("color.jpg", "grey.jpg"):
        for query, width in (("", 480), ("?width=256&x", 256), ("?width=9999", 480)):
            answer = client.get(f"/{TOKEN}/api/page/0/{name}{query}")
            assert Image.open(io.BytesIO(answer.content)).width == width
        for query in ("?width=0", "?width=-5"):
            assert client.get(f"/{TOKEN}/api/page/0/{name}{query}").status_code == 200
        assert client.get(f"/{TOKEN}/api/page/0/{name}?width=x").status_code == 409


def test_without_its_packages_it_is_told_how_to_get_them(
    opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with opener() as desk, pytest.raises(MissingPackageError, match="uvicorn") as error:
        serve(desk, lambda url: None, browser=False)
    assert "[review]" in error.value.hint
