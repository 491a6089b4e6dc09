"""The demo server's API: people behind a bearer token, an OAuth 2 token endpoint, and routes that make trouble."""

import asyncio
import hashlib
import json
from collections.abc import Callable
from typing import Any, get_args

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .device_codes import GRANT as DEVICE_CODE
from .issuer import Grant, Issuer, Refused
from .people import Order, People
from .sign_in_routes import SignInRoutes, form_of
from .trouble import Count, Trouble

REALM = 'Bearer realm="rxdux demo"'
ORDERS = get_args(Order)
LONGEST_NAME = 60
LONGEST_DELAY = 30.0
COUNTED = {
    "password": "login",
    "authorization_code": "login",
    DEVICE_CODE: "poll",
}  # all else asks to go on with a session


class Api:
    """The routes, and what they work on."""

    def __init__(self, issuer: Issuer) -> None:
        self.issuer = issuer
        self.people_known = People()
        self.trouble = Trouble()
        self.count = Count()

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/token", self.token, methods=["POST"]),
                Route("/revoke", self.revoke, methods=["POST"]),
                *SignInRoutes(self.issuer, self.count).routes(),
                Route("/me", self.me),
                Route("/people", self.people),
                Route("/people/{id:int}", self.person, methods=["GET"]),
                Route("/people/{id:int}", self.rename, methods=["PATCH"]),
                Route("/notes", self.note, methods=["POST"]),
                Route("/salaries", self.salaries),
                Route("/admin/expire", self.expire, methods=["POST"]),
                Route("/admin/revoke", self.revoke_sessions, methods=["POST"]),
                Route("/admin/fail", self.fail, methods=["POST"]),
                Route("/admin/refuse", self.refuse, methods=["POST"]),
                Route("/admin/slow", self.slow, methods=["POST"]),
                Route("/admin/skew", self.skew, methods=["POST"]),
                Route("/admin/stats", self.stats),
            ]
        )

    # --- tokens ----------------------------------------------------------------------------------

    async def token(self, request: Request) -> Response:
        """RFC 6749: grants by code (section 4.1), `password` (4.3) and `refresh_token` (6); by device code, RFC 8628."""
        form = await form_of(request)
        kind = form.get("grant_type", "")
        self.count[COUNTED.get(kind, "refresh")] += 1
        await asyncio.sleep(self.trouble.token_delay)
        instead = self.trouble.token_answer
        if instead is not None:
            return Response(instead, media_type="text/html")
        grant = self._grant(kind, form)
        headers = {"Cache-Control": "no-store"}
        if grant.tokens is not None:
            return JSONResponse(grant.tokens, headers=headers)
        error = {"error": grant.error, "error_description": grant.description}
        return JSONResponse(error, status_code=400, headers=headers)

    def _grant(self, kind: str, form: dict[str, str]) -> Grant:
        grants: dict[str, tuple[tuple[str, ...], Callable[..., Grant]]] = {
            "password": (("username", "password"), self.issuer.log_in),
            "refresh_token": (("refresh_token",), self.issuer.refresh),
            DEVICE_CODE: (("device_code", "client_id"), self.issuer.redeem_device_code),
            "authorization_code": (
                ("code", "client_id", "redirect_uri", "code_verifier"),
                self.issuer.redeem_authorization_code,
            ),
        }
        if kind not in grants:
            return Grant(error="unsupported_grant_type", description=f"No grant is called {kind!r}.")
        fields, give = grants[kind]
        if not form.keys() >= set(fields):
            return Grant(error="invalid_request", description="A parameter is missing.")
        return give(*(form[name] for name in fields))

    async def revoke(self, request: Request) -> Response:
        """RFC 7009."""
        self.count["revoke"] += 1
        self.issuer.revoke((await form_of(request)).get("token", ""))
        return Response()

    # --- the API ---------------------------------------------------------------------------------

    async def me(self, request: Request) -> Response:
        return await self._guarded(request) or JSONResponse({"name": request.state.user})

    async def people(self, request: Request) -> Response:
        """`?q=` searches, `?page=` and `?size=` page, `?order=` sorts, `?delay=` seconds takes its time."""
        return self._counted(await self._guarded(request) or self._people(request))

    def _people(self, request: Request) -> Response:
        asked = request.query_params
        try:
            page, size = (int(asked.get(name, default)) for name, default in (("page", 1), ("size", 20)))
        except ValueError:
            return JSONResponse({"error": "page and size are numbers."}, status_code=400)
        if page < 1 or not 1 <= size <= 500:
            return JSONResponse({"error": "page starts at 1, size is 1 to 500."}, status_code=400)
        order = next((each for each in ORDERS if each == asked.get("order", "id")), None)
        if order is None:
            return JSONResponse({"error": f"order is one of {', '.join(ORDERS)}."}, status_code=400)
        return _tagged(request, self.people_known.find(asked.get("q", ""), page, size, order))

    async def person(self, request: Request) -> Response:
        refused = await self._guarded(request)
        if refused is not None:
            return refused
        person = self.people_known.get(request.path_params["id"])
        return JSONResponse({"error": "No such person."}, status_code=404) if person is None else JSONResponse(person)

    async def rename(self, request: Request) -> Response:
        """Takes `{"name": ...}`, and gives the person."""
        body = await request.body()
        return self._counted(await self._guarded(request) or self._rename(request.path_params["id"], body))

    def _rename(self, number: int, body: bytes) -> Response:
        if self.trouble.refuses():
            return JSONResponse({"error": "The server was asked to refuse this change."}, status_code=409)
        name = _name_in(body)
        if name is None:
            return JSONResponse({"error": f"A name has 1 to {LONGEST_NAME} letters."}, status_code=422)
        if self.people_known.get(number) is None:
            return JSONResponse({"error": "No such person."}, status_code=404)
        return JSONResponse(self.people_known.rename(number, name))

    def _counted(self, response: Response) -> Response:
        """The answer, with the count of requests that came in up to now."""
        response.headers["X-Requests"] = str(self.count["api"])
        return response

    async def note(self, request: Request) -> Response:
        """Takes any JSON, and gives it back."""
        body = await request.body()
        return await self._guarded(request) or Response(body, status_code=201, media_type="application/json")

    async def salaries(self, request: Request) -> Response:
        """Needs a scope that nobody has (RFC 6750, section 3.1)."""
        refused = await self._guarded(request)
        challenge = f'{REALM}, error="insufficient_scope", scope="payroll"'
        return refused or JSONResponse(
            {"error": "insufficient_scope"}, status_code=403, headers={"WWW-Authenticate": challenge}
        )

    async def _guarded(self, request: Request) -> Response | None:
        """The refusal of a request without a good token, or of one that trouble meets. It is decided at once,
        and answered when the delay is over: so late answers are possible."""
        self.count["api"] += 1
        refusal = self._refusal(request)
        await asyncio.sleep(self.trouble.delay + min(float(request.query_params.get("delay", 0)), LONGEST_DELAY))
        return refusal

    def _refusal(self, request: Request) -> Response | None:
        status = self.trouble.status
        if status is not None:
            return JSONResponse({"error": "The server is in trouble."}, status_code=status)
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            self.count["unauthorized"] += 1
            return Response(status_code=401, headers={"WWW-Authenticate": REALM})
        claims = Refused("Refused on demand") if self.trouble.refuse_all else self.issuer.check(token)
        if isinstance(claims, Refused):
            self.count["unauthorized"] += 1
            challenge = f'{REALM}, error="invalid_token", error_description="{claims.description}"'
            return JSONResponse({"error": "invalid_token"}, status_code=401, headers={"WWW-Authenticate": challenge})
        request.state.user = claims["sub"]
        return None

    # --- trouble ---------------------------------------------------------------------------------

    async def expire(self, request: Request) -> Response:
        self.issuer.expire_access_tokens()
        return Response(status_code=204)

    async def revoke_sessions(self, request: Request) -> Response:
        self.issuer.revoke_all()
        return Response(status_code=204)

    async def fail(self, request: Request) -> Response:
        """`?seconds=` how long, `?status=` with what."""
        status = int(request.query_params.get("status", 503))
        self.trouble.fail(float(request.query_params.get("seconds", 10)), status)
        return Response(status_code=204)

    async def refuse(self, request: Request) -> Response:
        """The next change."""
        self.trouble.refuse_next = True
        return Response(status_code=204)

    async def slow(self, request: Request) -> Response:
        """`?seconds=` before each answer."""
        self.trouble.delay = min(float(request.query_params.get("seconds", 1)), LONGEST_DELAY)
        return Response(status_code=204)

    async def skew(self, request: Request) -> Response:
        """`?seconds=` that the issuer's clock is ahead."""
        self.issuer.skew = float(request.query_params.get("seconds", 3600))
        return Response(status_code=204)

    async def stats(self, request: Request) -> Response:
        return JSONResponse({**self.count, "reuse_detected": self.issuer.reuse_detected})


def _tagged(request: Request, data: Any) -> Response:
    """The data with an entity tag; without the data for who has them already (RFC 9110, section 13.1.2)."""
    response = JSONResponse(data)
    etag = f'"{hashlib.sha256(response.body).hexdigest()[:16]}"'
    if request.headers.get("If-None-Match") == etag:
        return Response(status_code=304, headers={"ETag": etag})
    response.headers["ETag"] = etag
    return response


def _name_in(body: bytes) -> str | None:
    """The name that a change asks for; None for none that can be shown."""
    try:
        name = json.loads(body)["name"].strip()
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
    return name if 1 <= len(name) <= LONGEST_NAME and name.isprintable() else None
