"""The page's server: what the browser asks of a desk."""

from __future__ import annotations

import importlib.resources
import json
from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mangacolor.chapter.acts import Act
from mangacolor.errors import InputError, MangacolorError
from mangacolor.review.counting import Counting
from mangacolor.review.desk import Desk
from mangacolor.review.looking import Looking

__all__ = ["make_app"]

# The page's own files, and nothing else, by name.
_SCRIPTS = (
    "app",
    "canvas",
    "choosing",
    "figures",
    "list",
    "outlines",
    "pages",
    "panel",
    "pieces",
    "talk",
    "tools",
)
_FILES = {
    "": ("index.html", "text/html; charset=utf-8"),
    "style.css": ("style.css", "text/css; charset=utf-8"),
    **{f"{name}.js": (f"{name}.js", "text/javascript; charset=utf-8") for name in _SCRIPTS},
}
# Larger bodies are no acts.
_MOST_BODY = 1_000_000


def make_app(desk: Desk, end: Callable[[], None]) -> Starlette:
    """What answers below the token's path.

    Args:
        desk: the chapter.
        end: called when the person has finished.
    """
    looking = Looking(desk)

    async def file(request: Request) -> Response:
        name, kind = _FILES[request.path_params.get("name", "")]
        content = importlib.resources.files("mangacolor.review").joinpath("web", name).read_bytes()
        return Response(content, media_type=kind)

    async def state(request: Request) -> Response:
        # Whoever knows it by now is not told again, second after second.
        if request.query_params.get("version") == str(desk.version):
            return Response(status_code=204)
        return JSONResponse(await run_in_threadpool(looking.state))

    def picture(make: Callable[..., bytes], kind: str) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            asked = [int(request.path_params["number"])]
            # Pages are asked for as wide as they are shown.
            asked += [int(x) for x in request.query_params.getlist("width")[:1]]
            return Response(await run_in_threadpool(make, *asked), media_type=kind)

        return answer

    async def page(request: Request) -> Response:
        number = int(request.path_params["number"])
        return JSONResponse(await run_in_threadpool(looking.page, number))

    async def area(request: Request) -> Response:
        number, area = (int(request.path_params[name]) for name in ("number", "area"))
        return JSONResponse(await run_in_threadpool(looking.area, number, area))

    async def cast(request: Request) -> Response:
        return JSONResponse(await run_in_threadpool(looking.cast))

    routes = [
        Route("/", file),
        *(Route(f"/{name}", _named(file, name)) for name in _FILES if name),
        Route("/api/state", state),
        Route("/api/cast", cast),
        Route("/api/page/{number:int}", page),
        Route("/api/page/{number:int}/color.jpg", picture(looking.color, "image/jpeg")),
        Route("/api/page/{number:int}/grey.jpg", picture(looking.grey, "image/jpeg")),
        Route("/api/page/{number:int}/areas.png", picture(looking.areas, "image/png")),
        Route("/api/page/{number:int}/area/{area:int}", area),
        Route("/api/reference/{number:int}.jpg", picture(looking.reference, "image/jpeg")),
        *_told_routes(desk, looking, end),
    ]
    handlers: Any = {MangacolorError: _told, OSError: _told, ValueError: _told}
    return Starlette(routes=routes, exception_handlers=handlers)


def _told_routes(desk: Desk, looking: Looking, end: Callable[[], None]) -> list[Route]:
    """What a person tells: acts, and that it is enough."""
    counting = Counting(desk)

    async def act(request: Request) -> Response:
        act = await _act(request)
        about = await run_in_threadpool(desk.act, act)
        state = await run_in_threadpool(looking.state)
        return JSONResponse({**state, "about": about})

    async def count(request: Request) -> Response:
        act = await _act(request)
        return JSONResponse(await run_in_threadpool(counting.count, act))

    async def pack(request: Request) -> Response:
        await _body(request)
        desk.pack()
        return JSONResponse({"output": str(desk.opened.plan.output)})

    async def quit_(request: Request) -> Response:
        await _body(request)
        end()
        return JSONResponse({})

    return [
        Route("/api/act", act, methods=["POST"]),
        Route("/api/count", count, methods=["POST"]),
        Route("/api/pack", pack, methods=["POST"]),
        Route("/api/quit", quit_, methods=["POST"]),
    ]


def _named(endpoint: Callable[[Request], Any], name: str) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        request.path_params["name"] = name
        response: Response = await endpoint(request)
        return response

    return answer


async def _body(request: Request) -> Any:
    """The JSON of a request; that it is JSON no form of another page can say.

    Raises:
        InputError: it is none, or too long.
    """
    kind = request.headers.get("content-type", "").split(";")[0].strip()
    if kind != "application/json":
        raise InputError("That is no JSON.")
    content = b""
    async for part in request.stream():
        content += part
        if len(content) > _MOST_BODY:
            raise InputError("That is too long.")
    try:
        return json.loads(content or b"{}")
    except (ValueError, RecursionError) as error:
        raise InputError("That is no JSON.") from error


async def _act(request: Request) -> Act:
    body = await _body(request)
    try:
        return Act.of_record(body)
    except ValueError as error:
        raise InputError(f"That is no act: {error}.") from error


def _told(request: Request, error: Exception) -> Response:
    """What went wrong, in a line."""
    hint = getattr(error, "hint", "")
    words = f"{getattr(error, 'message', error)} {hint}".strip()
    return JSONResponse({"error": words}, status_code=409)
