"""What dialects are built on: one POST that gives the parsed answer, or the right refusal."""

import base64
import json as json_format
import time
from collections.abc import Mapping
from typing import Any

import httpx
from pydantic import SecretStr

from ..answers import Meaning, describe, error_of_status
from ..connection import Connection, Received, Secrets, reveal
from ..errors import ApiCallError
from ..json_answers import parse_json
from ..policy import RefreshPolicy
from ..shown_text import Hide, masked
from ..token_answers import PROGRAM_CODES, code_of, meaning_of_refusal, tokens_of
from .backend import SessionRefused, SessionUnavailable, without_secrets

LARGEST_ANSWER = 1 << 20  # bytes: tokens take some thousands


class HttpAnswer(dict[str, Any]):
    """A successful answer: the JSON object in it, and what came beside. Its `repr` shows no value: they are tokens.

    A name that is missing is a `SessionRefused`: the server did not give what a session needs.

    Attributes:
        status: of the answer.
        headers: with lower-case names.
        cookies: that the answer sets, by name.
        is_refusal_passing: whether `RefreshPolicy.is_refused` says that what is missing may come later: then it is a
            `SessionUnavailable`.
    """

    def __init__(
        self, content: Mapping[str, Any], *, status: int, headers: Mapping[str, str], cookies: Mapping[str, str]
    ) -> None:
        super().__init__(content)
        self.status = status
        self.headers = headers
        self.cookies = cookies
        self.is_refusal_passing = False

    def __missing__(self, name: str) -> Any:
        if not self:
            raise _unreadable(self.status)
        msg = f"The server's answer has no {name!r}."
        if self.is_refusal_passing:
            raise SessionUnavailable(msg, kind="invalid_response", status=self.status)
        raise SessionRefused(msg, status=self.status)

    def __repr__(self) -> str:
        return f"<HttpAnswer {self.status} with {', '.join(self) or 'nothing'}>"


class HttpBackend:
    """A base for backends that speak HTTP. See `SessionBackend` for what to add.

    Args:
        base_url: absolute; None for that of the API whose session this is.
        client: an `httpx.AsyncClient` or one with the same interface; it is left open. By default the
            backend has a connection of its own, which no request of the API can hold.

    Raises:
        ValueError: for a `base_url` that is not absolute.
    """

    def __init__(self, base_url: str | None = None, client: httpx.AsyncClient | None = None) -> None:
        self._connection = None if base_url is None else Connection(base_url, client, connections=4)
        self._is_given_url = base_url is not None
        self._api_url: httpx.URL | None = None  # of the sessions that it is part of
        self._client = client
        self._policy = RefreshPolicy()

    def join(self, api: Connection, policy: RefreshPolicy) -> None:
        """Take part in a session: called with its API's connection before anything is asked.

        Raises:
            ValueError: where it speaks to the server of another session already.
        """
        if self._api_url not in (None, api.base_url):
            name = type(self).__name__
            msg = (
                f"This {name} speaks to {self._api_url} already, in another session: it would send there what is meant for "
                f"{api.base_url}. Make a {name} for each session, or give it a base_url."
            )
            raise ValueError(msg)
        self._policy = policy
        if self._is_given_url:
            return
        self._api_url = api.base_url
        if self._client is None:
            self._connection = api.sibling()
        else:
            self._connection = Connection(str(api.base_url), self._client)

    async def post(
        self,
        path: str,
        *,
        json: Any = None,
        data: Mapping[str, Any] | None = None,
        headers: Mapping[str, str | SecretStr] | None = None,
        cookies: Mapping[str, str | SecretStr] | None = None,
    ) -> HttpAnswer:
        """POST, and judge the answer. What is secret may stay a `SecretStr`: it is revealed as it goes out.

        Args:
            path: below the base URL. A redirect is not followed: it would take the secrets elsewhere.
            json: the body, as JSON.
            data: the body, as a form.

        Raises:
            SessionRefused: for a refusal that is final.
            SessionUnavailable: for one that may pass, and where no answer came.
        """
        secrets = Secrets(json=json, data=data, headers=headers, cookies=cookies)
        received = await self._received(path, secrets)
        content = parse_json(received.content)
        verdict = None if self._policy.is_refused is None else self._policy.is_refused(received.as_response())
        if verdict is not True and 200 <= received.status < 300 and (not received.content or _is_success(content)):
            answer = HttpAnswer(
                content or {}, status=received.status, headers=received.headers, cookies=received.cookies
            )
            answer.is_refusal_passing = verdict is False
            return answer
        hidden = secrets.hidden()
        refusal = self._refusal(received, content, verdict, lambda text: masked(text, hidden))
        raise without_secrets(refusal, hidden)

    @staticmethod
    def life_of(token: str) -> float | None:
        """Seconds that a JWT has left (RFC 7519, section 4.1.4), for servers that do not say it beside the token.

        Nothing is verified: that is the server's. None for what is no JWT, or has no end.
        """
        try:
            payload = token.split(".")[1]
            claims = json_format.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
            return float(claims["exp"]) - time.time()
        except (IndexError, ValueError, KeyError, TypeError, RecursionError, OverflowError):
            return None

    async def aclose(self) -> None:
        """Close the connection, if it is the backend's own. It opens again when it is needed."""
        if self._connection is not None:
            await self._connection.aclose()

    async def _received(self, path: str, secrets: Secrets) -> Received:
        if self._connection is None:
            name = type(self).__name__
            msg = f"{name} has no base URL yet. Give it one, or give it to create_api_store(backend=...)."
            raise RuntimeError(msg)
        timeout = self._policy.request_timeout
        try:
            return await self._connection.send(
                "POST", path, secrets, timeout=timeout, largest=LARGEST_ANSWER, redirects=False
            )
        except ApiCallError as error:
            failure = SessionUnavailable(error.error.message, kind=error.error.kind)
        raise failure

    def _refusal(
        self, received: Received, content: Any, is_final: bool | None, hide: Hide
    ) -> SessionRefused | SessionUnavailable:
        status = received.status
        meaning = meaning_of_refusal(status, content)
        if is_final is not None:
            meaning = Meaning.SIGN_OUT if is_final else Meaning.RETRY
        code = code_of(content)
        if meaning is Meaning.SIGN_OUT:
            words = describe("invalid_response", status, "(no usable tokens)").message if status < 300 else ""
            return SessionRefused(words, code, status=status)
        if code in PROGRAM_CODES:
            words = f"The server does not accept this program ({code}). Its client id, secret or grant is wrong."
            return SessionUnavailable(words, code=code, kind="client", status=status)
        error = error_of_status(status, received.headers, time.time(), hide)
        if error is None:
            return _unreadable(status) if code is None else SessionUnavailable(code=code, status=status)
        return SessionUnavailable(error.message, error.retry_after, code, kind=error.kind, status=status)


def basic_authorization(name: str, secret: SecretStr) -> SecretStr:
    """The header of a client that has a secret (RFC 6749, section 2.3.1)."""
    return SecretStr(f"Basic {base64.b64encode(f'{_form(name)}:{_form(reveal(secret))}'.encode()).decode()}")


def _form(text: str) -> str:
    return str(httpx.QueryParams({"": text}))[1:]


def _is_success(content: Any) -> bool:
    """Some servers tell a refusal with 200. Where there are tokens, a code beside them is none."""
    return isinstance(content, dict) and (code_of(content) is None or tokens_of(content, 0.0) is not None)  # pyright: ignore[reportUnknownArgumentType] -- JSON


def _unreadable(status: int) -> SessionUnavailable:
    words = describe("invalid_response", status, "(no JSON from the token endpoint)").message
    return SessionUnavailable(words, kind="invalid_response", status=status)
