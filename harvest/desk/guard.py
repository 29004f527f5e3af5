"""Who may look at the desk: one browser on this computer, and no page but our own may vote through it.

The page listens on 127.0.0.1 alone, but every page that the reviewer's browser shows may send requests there. So:
the first address carries a token, which becomes a cookie that no other page can send along (`SameSite=Strict`); every
form carries a second one; and a request that names another host is refused, for a stranger's name may be made to
lead here (DNS rebinding). Rules of the browser forbid scripts and styles of anybody else, frames, and keeping pages.
OWASP's cheat sheets on CSRF and HTTP headers say why.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from hmac import compare_digest

from flask import Flask, Response, abort, redirect, request
from werkzeug.wrappers import Response as AnyResponse

HOST = "127.0.0.1"

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class Pass:
    """What opens one desk, made anew at every start and kept nowhere."""

    port: int
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    """In the first address, then in the cookie."""
    form: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    """In every form."""

    @property
    def address(self) -> str:
        """What the reviewer opens."""
        return f"http://{HOST}:{self.port}/?token={self.token}"

    @property
    def cookie(self) -> str:
        """Its name: cookies know hosts, not ports, and there may be two desks."""
        return f"harvest-desk-{self.port}"

    @property
    def hosts(self) -> frozenset[str]:
        """What a request may call us."""
        return frozenset(f"{name}:{self.port}" for name in (HOST, "localhost"))


def guard(app: Flask, key: Pass) -> None:
    """Let nobody in without the pass; put the browser's rules on every answer."""

    def admit() -> AnyResponse | None:
        if request.host not in key.hosts:
            abort(403, "This desk answers to its own address only.")
        if "token" in request.args and request.method == "GET":
            return _welcome(key)
        if not _same(request.cookies.get(key.cookie), key.token):
            abort(403, "Open the address that `harvest desk` printed when it was started.")
        if request.method == "POST" and not (_ours(key) and _same(request.form.get("form"), key.form)):
            abort(403, "This form belongs to another sitting: load the desk anew, then vote again.")
        return None

    def rules(response: Response) -> Response:
        response.headers.update(_HEADERS)
        return response

    app.before_request(admit)
    app.after_request(rules)


def _welcome(key: Pass) -> AnyResponse:
    """The token leaves the address at once, so that no history and no picture of the screen keeps it."""
    if not _same(request.args["token"], key.token):
        abort(403, "This address belongs to another sitting: open the one that `harvest desk` printed.")
    answer = redirect(request.path, 303)
    answer.set_cookie(key.cookie, key.token, httponly=True, samesite="Strict")
    return answer


def _ours(key: Pass) -> bool:
    """Whether the page that sends a form is ours, as far as the browser says; without referrer it says `null`."""
    origin = request.headers.get("Origin", "null")
    return origin == "null" or origin in {f"http://{host}" for host in key.hosts}


def _same(given: str | None, expected: str) -> bool:
    return compare_digest((given or "").encode(), expected.encode())
