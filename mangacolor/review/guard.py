"""Who may talk to the page: only the browser that was given its address, and only this page."""

from __future__ import annotations

import hmac
from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Guard", "hosts_of"]

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self';"
    " img-src 'self' blob: data:; connect-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


def hosts_of(address: str, port: int) -> frozenset[str]:
    """What a browser may call this server: its address, and on this machine the usual names."""
    shown = f"[{address}]" if ":" in address else address
    return frozenset(f"{host}:{port}".lower() for host in (shown, *_LOOPBACK))


class Guard:
    """Refuses whoever does not have the token, calls the server by another name, or is a page of
    another origin: names that lead here by DNS rebinding are none of its own.

    Args:
        app: gets what is let through, below the token's path.
        token: the first part of every path.
        hosts: of `hosts_of`.
    """

    def __init__(self, app: ASGIApp, token: str, hosts: Collection[str]) -> None:
        self._app, self._token, self._hosts = app, token.encode(), frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [(k, v) for k, v in message["headers"] if k.decode() not in _HEADERS]
                headers += [(k.encode(), v.encode()) for k, v in _HEADERS.items()]
                message = {**message, "headers": headers}
            await send(message)

        refusal = self._refusal(scope)
        if scope["type"] != "http" or refusal:
            answer = PlainTextResponse(refusal or "No.", status_code=403)
            await answer(scope, receive, guarded)
            return
        token = self._token.decode()
        path = scope["path"].removeprefix(f"/{token}") or "/"
        inner = {**scope, "path": path, "raw_path": path.encode(), "root_path": ""}
        await self._app(inner, receive, guarded)

    def _refusal(self, scope: Scope) -> str:
        """Why a request is refused; empty if it is not."""
        headers = Headers(scope=scope)
        named = headers.getlist("host")
        if len(named) != 1 or named[0].lower() not in self._hosts:
            return "This is not the name of this page."
        for origin in headers.getlist("origin"):
            parts = urlsplit(origin)
            if parts.scheme != "http" or parts.netloc.lower() != named[0].lower():
                return "Another page may not ask here."
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return "Another page may not ask here."
        given = scope["path"].split("/")[1] if "/" in scope["path"] else ""
        if not hmac.compare_digest(given.encode(errors="replace"), self._token):
            return "The address is not complete: open the one that `mangacolor review` printed."
        return ""
