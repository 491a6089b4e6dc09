"""The demo server's API: people behind a bearer token, an OAuth 2 token endpoint, and routes that make trouble."""

import asyncio
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .issuer import Grant, Issuer, Refused
from .people import PEOPLE, find_people
from .trouble import Count, Trouble

REALM = 'Bearer realm="rxdux demo"'
LONGEST_DELAY = 30.0


class Api:
    """The routes, and what they work on."""

    def __init__(self, issuer: Issuer) -> None:
        self.issuer = issuer
        self.trouble = Trouble()
        self.count = Count()

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/token", self.token, methods=["POST"]),
                Route("/revoke", self.revoke, methods=["POST"]),
                Route("/me", self.me),
                Route("/people", self.people),
                Route("/people/{id:int}", self.person),
                Route("/notes", self.note, methods=["POST"]),
                Route("/salaries", self.salaries),
                Route("/admin/expire", self.expire, methods=["POST"]),
                Route("/admin/revoke", self.revoke_sessions, methods=["POST"]),
                Route("/admin/fail", self.fail, methods=["POST"]),
                Route("/admin/slow", self.slow, methods=["POST"]),
                Route("/admin/skew", self.skew, methods=["POST"]),
                Route("/admin/stats", self.stats),
            ]
        )

    # --- tokens ----------------------------------------------------------------------------------

    async def token(self, request: Request) -> Response:
        """RFC 6749: the `password` grant (section 4.3) and the `refresh_token` grant (section 6)."""
        form = await _form(request)
        kind = form.get("grant_type", "")
        self.count["login" if kind == "password" else "refresh"] += 1
        await asyncio.sleep(self.trouble.token_delay)
        instead = self.trouble.token_answer
        if instead is not None:
            return Response(instead, media_type="text/html")
        match kind:
            case "password" if {"username", "password"} <= form.keys():
                grant = self.issuer.log_in(form["username"], form["password"])
            case "refresh_token" if "refresh_token" in form:
                grant = self.issuer.refresh(form["refresh_token"])
            case "password" | "refresh_token":
                grant = Grant(error="invalid_request", description="A parameter is missing.")
            case _:
                grant = Grant(error="unsupported_grant_type", description=f"No grant is called {kind!r}.")
        headers = {"Cache-Control": "no-store"}
        if grant.tokens is not None:
            return JSONResponse(grant.tokens, headers=headers)
        error = {"error": grant.error, "error_description": grant.description}
        return JSONResponse(error, status_code=400, headers=headers)

    async def revoke(self, request: Request) -> Response:
        """RFC 7009."""
        self.count["revoke"] += 1
        self.issuer.revoke((await _form(request)).get("token", ""))
        return Response()

    # --- the API ---------------------------------------------------------------------------------

    async def me(self, request: Request) -> Response:
        return await self._guarded(request) or JSONResponse({"name": request.state.user})

    async def people(self, request: Request) -> Response:
        """`?q=` searches, `?page=` and `?size=` page, `?delay=` seconds takes its time."""
        refused = await self._guarded(request)
        if refused is not None:
            return refused
        try:
            page, size = (int(request.query_params.get(name, default)) for name, default in (("page", 1), ("size", 20)))
        except ValueError:
            return JSONResponse({"error": "page and size are numbers."}, status_code=400)
        if page < 1 or not 1 <= size <= 500:
            return JSONResponse({"error": "page starts at 1, size is 1 to 500."}, status_code=400)
        return JSONResponse(find_people(request.query_params.get("q", ""), page, size))

    async def person(self, request: Request) -> Response:
        refused = await self._guarded(request)
        if refused is not None:
            return refused
        number = request.path_params["id"]
        if 1 <= number <= len(PEOPLE):
            return JSONResponse(PEOPLE[number - 1])
        return JSONResponse({"error": "No such person."}, status_code=404)

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


async def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))
