"""How a user signs in beside the program: the server's description of itself, device codes, and pages to approve on."""

from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from .authorization_codes import FIELDS, comes_from_program, mistake_in
from .clients import CLIENT_ID
from .device_codes import GRANT
from .issuer import SCOPE, Issuer
from .sign_in_pages import HEADERS, approval_page, device_page, words_page
from .trouble import Count

NOBODY = "Unknown user or wrong password."


class SignInRoutes:
    """The routes, and what they work on."""

    def __init__(self, issuer: Issuer, count: Count) -> None:
        self._issuer = issuer
        self._count = count

    def routes(self) -> list[Route]:
        return [
            Route("/.well-known/oauth-authorization-server", self.metadata),
            Route("/device_authorization", self.device_authorization, methods=["POST"]),
            Route("/device", self.device),
            Route("/device", self.decide_device, methods=["POST"]),
            Route("/authorize", self.authorize),
            Route("/authorize", self.decide, methods=["POST"]),
        ]

    async def metadata(self, request: Request) -> Response:
        """RFC 8414. The server is who it is asked as: `localhost` and `127.0.0.1` are both right."""
        url = url_of(request)
        return JSONResponse(
            {
                "issuer": url,
                "authorization_endpoint": f"{url}/authorize",
                "token_endpoint": f"{url}/token",
                "revocation_endpoint": f"{url}/revoke",
                "device_authorization_endpoint": f"{url}/device_authorization",
                "grant_types_supported": ["authorization_code", "password", "refresh_token", GRANT],
                "response_types_supported": ["code"],
                "code_challenge_methods_supported": ["S256"],
                "authorization_response_iss_parameter_supported": True,
                "scopes_supported": [SCOPE],
                "token_endpoint_auth_methods_supported": ["none"],
            }
        )

    async def device_authorization(self, request: Request) -> Response:
        """RFC 8628, sections 3.1 and 3.2."""
        self._count["device"] += 1
        if (await form_of(request)).get("client_id") != CLIENT_ID:
            error = {"error": "invalid_client", "error_description": "The server does not know this program."}
            return JSONResponse(error, status_code=400, headers={"Cache-Control": "no-store"})
        code, url = self._issuer.device_codes.issue(CLIENT_ID), f"{url_of(request)}/device"
        answer = {
            "device_code": code.device_code,
            "user_code": code.user_code,
            "verification_uri": url,
            "verification_uri_complete": f"{url}?user_code={code.user_code}",
            "expires_in": self._issuer.device_codes.life,
            "interval": code.interval,
        }
        return JSONResponse(answer, headers={"Cache-Control": "no-store"})

    async def device(self, request: Request) -> Response:
        return HTMLResponse(device_page(request.query_params.get("user_code", "")), headers=HEADERS)

    async def decide_device(self, request: Request) -> Response:
        """RFC 8628, section 3.3. Who says no has to be somebody as well: else anyone could end the sign-ins of others."""
        form = await form_of(request)
        user_code, username = form.get("user_code", ""), form.get("username", "")
        if not self._issuer.knows(username, form.get("password", "")):
            return HTMLResponse(device_page(user_code, NOBODY), status_code=403, headers=HEADERS)
        code = self._issuer.device_codes.waiting(user_code)
        if code is None:
            words = "No sign-in waits under this code. It may have expired: ask for another one."
            return HTMLResponse(device_page(user_code, words), status_code=404, headers=HEADERS)
        match form.get("decision"):
            case "approve":
                code.user = username
                return HTMLResponse(words_page("Approved", "Go back to the program."), headers=HEADERS)
            case "deny":
                code.is_denied = True
                return HTMLResponse(words_page("Denied", "The program is not signed in."), headers=HEADERS)
            case _:
                return HTMLResponse(device_page(user_code, "Approve, or deny."), status_code=400, headers=HEADERS)

    async def authorize(self, request: Request) -> Response:
        """RFC 6749, section 4.1.1."""
        fields = _request_in(dict(request.query_params))
        return _mistaken(request, fields) or HTMLResponse(approval_page(fields), headers=HEADERS)

    async def decide(self, request: Request) -> Response:
        """RFC 6749, section 4.1.2. Who says no need not be anybody: the window is theirs."""
        form = await form_of(request)
        fields = _request_in(form)
        mistaken = _mistaken(request, fields)
        if mistaken is not None:
            return mistaken
        if form.get("decision") == "deny":
            return _back(request, fields, error="access_denied", error_description="The user said no.")
        username = form.get("username", "")
        if not self._issuer.knows(username, form.get("password", "")):
            return HTMLResponse(approval_page(fields, NOBODY), status_code=403, headers=HEADERS)
        if form.get("decision") != "approve":
            return HTMLResponse(approval_page(fields, "Approve, or deny."), status_code=400, headers=HEADERS)
        return _back(request, fields, code=self._issuer.authorization_codes.issue(username, fields))


def _request_in(form: dict[str, str]) -> dict[str, str]:
    return {name: form[name] for name in FIELDS if name in form}


def _mistaken(request: Request, fields: dict[str, str]) -> Response | None:
    if not comes_from_program(fields):
        words = "The program that sent you here is not known, or wants you to go on to an address that is not its own."
        return HTMLResponse(words_page("No sign-in", words), status_code=400, headers=HEADERS)
    mistake = mistake_in(fields)
    return (
        None if mistake is None else _back(request, fields, error=mistake.error, error_description=mistake.description)
    )


def _back(request: Request, fields: dict[str, str], **answer: str) -> Response:
    """Send the browser back to the program, and say who answers (RFC 9207)."""
    state = {"state": fields["state"]} if "state" in fields else {}
    address = f"{fields['redirect_uri']}?{urlencode({**answer, **state, 'iss': url_of(request)})}"
    return RedirectResponse(address, status_code=303, headers={"Cache-Control": "no-store"})


def url_of(request: Request) -> str:
    """The server, as it was asked."""
    return str(request.base_url).rstrip("/")


async def form_of(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))
