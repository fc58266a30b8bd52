"""A desk served to the browser of whoever sits here."""

from __future__ import annotations

import contextlib
import logging
import secrets
import socket
import threading
import webbrowser
from collections.abc import Callable, Iterator

from mangacolor.batch.events import Listener, Notice, nobody
from mangacolor.batch.model import Model
from mangacolor.batch.opened import open_chapter
from mangacolor.batch.request import Request
from mangacolor.chapter.plan import Plan, targets_of
from mangacolor.errors import MissingPackageError, UsageError
from mangacolor.review.desk import Desk
from mangacolor.targets import refuse_inputs

__all__ = ["check_packages", "open_desk", "serve"]

LOOPBACK = "127.0.0.1"
# Parts of the address that nobody can guess.
_TOKEN_BYTES = 24


@contextlib.contextmanager
def open_desk(request: Request, model: Model, tell: Listener = nobody) -> Iterator[Desk]:
    """Opens a chapter for review and begins to colour it; others are kept from its output.

    Args:
        request: what is asked for.
        model: the open model.
        tell: called with what the user should know.

    Raises:
        UsageError: the model knows no areas; else as `open_chapter`.
    """
    if not model.bundle.family.by_areas:
        raise UsageError(
            f"{model.folder} colours without areas: there is nothing to click on.",
            "Take the default model.",
        )
    with open_chapter(request, model, tell) as opened:
        refuse_inputs(targets_of(opened.plan), request.read, "--out")
        opened.check_room()
        desk = Desk(opened, tell)
        if stale := len(_made_otherwise(opened.plan)):
            desk.hear(Notice(f"{_pages(stale)} made otherwise before: {_ANEW}"))
        desk.start()
        try:
            yield desk
        finally:
            desk.close()


_ANEW = "with other settings, references or acts, or by another version; now it is done anew"


def _pages(count: int) -> str:
    return "1 page was" if count == 1 else f"{count} pages were"


def _made_otherwise(plan: Plan) -> list[str]:
    """Pages that an earlier run made, and that are not what is asked for now."""
    kept = {*plan.done, *plan.edited, *plan.small}
    return [task.name for task in plan.tasks if task.name in plan.records and task.name not in kept]


def check_packages() -> None:
    """Sees to it that `serve` can serve, before a chapter is opened for it.

    Raises:
        MissingPackageError: the extra `review` is not installed.
    """
    try:
        import uvicorn  # noqa: F401

        from mangacolor.review import server  # noqa: F401
    except ImportError as error:
        raise MissingPackageError(
            f"A package for `review` is missing: {error.name}.",
            'Install it with `pip install ".[review]"`, in the folder of mangacolor.',
        ) from error


def serve(
    desk: Desk,
    ready: Callable[[str], None],
    *,
    port: int = 0,
    address: str = LOOPBACK,
    browser: bool = True,
    tell: Listener = nobody,
) -> None:
    """Serves a desk until the person has finished, or Ctrl-C.

    Args:
        desk: the chapter.
        ready: called with the address to open, once it answers.
        port: where; any that is free if 0.
        address: of this machine, at which is listened.
        browser: open it.
        tell: called with what the user should know.

    Raises:
        UsageError: the port is taken, or the address is not this machine's.
        MissingPackageError: the extra `review` is not installed.
    """
    check_packages()
    import uvicorn

    from mangacolor.review.guard import Guard, hosts_of
    from mangacolor.review.server import make_app

    with _listening(address, port) as bound:
        port = bound.getsockname()[1]
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        ended = threading.Event()
        app = Guard(make_app(desk, ended.set), token, hosts_of(address, port))
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_level="error",
                access_log=False,
                server_header=False,
                lifespan="off",
                timeout_graceful_shutdown=2,
            )
        )
        # That whoever still waited for a page did not get it is no error of the user's.
        logging.getLogger("uvicorn.error").addFilter(
            lambda record: "graceful shutdown" not in record.getMessage()
        )
        shown = "127.0.0.1" if address in ("0.0.0.0", "::") else address
        url = f"http://{f'[{shown}]' if ':' in shown else shown}:{port}/{token}/"

        def watch() -> None:
            while not server.started and not server.should_exit:
                ended.wait(0.02)
            ready(url)
            if browser and not _opened(url):
                tell(Notice("No browser could be opened: open that address in one"))
            ended.wait()
            server.should_exit = True

        threading.Thread(target=watch, daemon=True).start()
        try:
            # Ctrl-C is how it ends where nobody says so in the page.
            with contextlib.suppress(KeyboardInterrupt):
                server.run(sockets=[bound])
        finally:
            ended.set()


def _opened(url: str) -> bool:
    try:
        return webbrowser.open(url)
    except (webbrowser.Error, OSError):
        return False


def _listening(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((address, port))
    except OSError as error:
        bound.close()
        raise UsageError(
            f"Port {port} of {address} cannot be used: {error.strerror or error}.",
            "Name another with --port, or leave it out.",
        ) from error
    return bound
