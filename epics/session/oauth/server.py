"""An authorization server as it describes itself."""

from collections.abc import Mapping
from typing import Annotated

import httpx
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError

from ..backends import SessionUnavailable
from ..shown_text import cleaned
from .library import metadata_urls
from .wire import Reply, Wire
from .words import is_plain


def checked_url(value: str) -> str:
    """An http or https URL without user and fragment."""
    try:
        url = httpx.URL(value)
    except httpx.InvalidURL:
        url = httpx.URL("")
    if url.scheme not in ("http", "https") or not url.host or url.userinfo or url.fragment or not is_plain(value):
        msg = "it must be an absolute http or https URL, without user, fragment and spaces"
        raise ValueError(msg)
    return value


def _list(value: object) -> object:
    return value if isinstance(value, list) else []  # pyright: ignore[reportUnknownVariableType] -- JSON


Url = Annotated[str, AfterValidator(checked_url)]


class AuthorizationServer(BaseModel):
    """An authorization server's metadata (RFC 8414, section 2), as far as a session needs it.

    Attributes:
        authorization_endpoint: None for a server without; so are the other endpoints.
        token_endpoint_auth_methods_supported: empty when it is not told.
        authorization_response_iss_parameter_supported: whether it says who it is to the redirect address (RFC 9207).
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    issuer: str
    token_endpoint: Url
    authorization_endpoint: Url | None = None
    device_authorization_endpoint: Url | None = None
    revocation_endpoint: Url | None = None
    token_endpoint_auth_methods_supported: Annotated[tuple[object, ...], BeforeValidator(_list)] = ()
    authorization_response_iss_parameter_supported: Annotated[bool, BeforeValidator(lambda value: value is True)] = (
        False
    )


ENDPOINTS = frozenset(name for name in AuthorizationServer.model_fields if name.endswith("_endpoint"))


def checked_issuer(issuer: str) -> str:
    """An issuer identifier (RFC 8414, section 2).

    Raises:
        ValueError: for anything else than an absolute URL without user, query and fragment.

    Examples:
        >>> checked_issuer("id.example.com")
        Traceback (most recent call last):
            ...
        ValueError: issuer must be an absolute URL without user, query and fragment, such as 'https://id.example.com', not 'id.example.com'.
    """
    try:
        checked_url(issuer)
        if "?" in issuer:
            raise ValueError
    except (ValueError, TypeError):
        shown = issuer.partition("?")[0].rpartition("@")[2]
        msg = f"issuer must be an absolute URL without user, query and fragment, such as 'https://id.example.com', not {shown!r}."
        raise ValueError(msg) from None
    return issuer


def checked_endpoints(endpoints: Mapping[str, str]) -> Mapping[str, str]:
    """Endpoints that the program names itself.

    Raises:
        ValueError: for one that OAuth does not have, and one that is no URL.
    """
    for name, url in endpoints.items():
        if name not in ENDPOINTS:
            msg = f"endpoints takes {', '.join(sorted(ENDPOINTS))}, not {name!r}."
            raise ValueError(msg)
        try:
            checked_url(url)
        except (ValueError, TypeError) as error:
            msg = f"endpoints[{name!r}]: {error}."
            raise ValueError(msg) from None
    return endpoints


async def server_at(wire: Wire, issuer: str, endpoints: Mapping[str, str]) -> AuthorizationServer:
    """An authorization server as it describes itself, with these endpoints in place of its own.

    Who names the token endpoint asks for no description: the server need not have one. Raises as `discover`.
    """
    if "token_endpoint" in endpoints:
        return AuthorizationServer.model_validate({"issuer": issuer, **endpoints})
    return (await discover(wire, issuer)).model_copy(update=dict(endpoints))


async def discover(wire: Wire, issuer: str) -> AuthorizationServer:
    """Ask a server for its metadata, by OpenID Connect Discovery and by RFC 8414; the first that it has counts.

    Raises:
        SessionUnavailable: for none, one of another issuer (RFC 8414, section 3.3), and one that makes no sense.
    """
    urls = metadata_urls(issuer)
    for url in urls:
        reply = await wire.get(url)
        if reply.status >= 500 or reply.status == 429:
            msg = f"The authorization server has a problem. Please try again later. (HTTP {reply.status})"
            raise SessionUnavailable(msg, retry_after=reply.retry_after)
        if reply.status == 200 and reply.content is not None:
            return _described(reply, issuer)
    msg = f"The authorization server does not describe itself, neither at {urls[0]} nor at {urls[1]}. Check issuer, or give its endpoints."
    raise SessionUnavailable(msg)


def _described(reply: Reply, issuer: str) -> AuthorizationServer:
    try:
        server = AuthorizationServer.model_validate(reply.content)
    except ValidationError as error:
        msg = f"The authorization server's description of itself makes no sense: {_first_mistake(error)}."
        raise SessionUnavailable(msg, kind="client") from None
    if server.issuer != issuer:
        told = cleaned(server.issuer)
        msg = f"The authorization server says that it is {told!r}, not {issuer!r}. Check issuer: both must be the same, to the last slash."
        raise SessionUnavailable(msg, kind="client")
    if issuer.startswith("https:"):
        for name in ENDPOINTS:
            if (getattr(server, name) or issuer).startswith("http:"):
                msg = f"The authorization server's {name} is not https, as its issuer is. Nothing was sent there."
                raise SessionUnavailable(msg, kind="client")
    return server


def _first_mistake(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    return cleaned(f"{'.'.join(map(str, first['loc']))}: {first['msg'].removeprefix('Value error, ')}")
