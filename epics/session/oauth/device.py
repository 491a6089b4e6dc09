"""Sign-in on another device: the device authorization grant (RFC 8628)."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Annotated

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
)

from ....actions import Action, TokenSet
from ..backends import SessionRefused, SessionUnavailable
from ..shown_text import cleaned
from ..token_answers import PROGRAM_CODES
from .progress import DeviceCodeIssued, DevicePolled
from .server import Url, checked_url
from .token_endpoint import Endpoints
from .wire import Form, refusal_of

GRANT = "urn:ietf:params:oauth:grant-type:device_code"

_INTERVAL = 5.0  # seconds, where the server names none (section 3.2)
_SLOWER = 5.0  # seconds more after a `slow_down` (section 3.5)
_LIFE = 600.0  # seconds, where the server names none
_LONGEST_LIFE = 86_400.0
_LEAST_INTERVAL = 0.1  # nobody is to be asked without pause
_LONGEST_PAUSE = 60.0  # seconds between two tries while the server cannot be reached

_DECLINED = "The sign-in was declined."
_EXPIRED = "The code has expired. Please start again."


def _seconds(value: object) -> float | None:
    """A number of seconds that makes sense, as text too; None for anything else."""
    try:
        seconds = float(value)  # pyright: ignore[reportArgumentType] -- what is no number is told by the error
    except (TypeError, ValueError, OverflowError):
        return None
    return seconds if 0 < seconds < _LONGEST_LIFE else None


def _usable(value: object) -> str | None:
    """An address that may be shown; None for anything else: the user can do without it."""
    try:
        return checked_url(value) if isinstance(value, str) else None
    except ValueError:
        return None


Seconds = Annotated[float | None, BeforeValidator(_seconds)]


class DeviceAuthorization(BaseModel):
    """An answer of the device authorization endpoint (RFC 8628, section 3.2)."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    device_code: SecretStr
    user_code: Annotated[str, AfterValidator(cleaned), Field(min_length=1)]
    verification_uri: Url = Field(
        validation_alias=AliasChoices("verification_uri", "verification_url")
    )  # Google's name
    verification_uri_complete: Annotated[str | None, BeforeValidator(_usable)] = None
    expires_in: Seconds = None
    interval: Seconds = None


def pause(interval: float, unanswered: int, retry_after: float | None = None) -> float:
    """Seconds until the next question: doubled with each that got no answer (RFC 8628, section 3.5).

    Args:
        unanswered: how many in a row got none.
        retry_after: what the server asks for.

    Examples:
        >>> pause(5.0, 0), pause(5.0, 2), pause(5.0, 1, retry_after=30.0)
        (5.0, 20.0, 30.0)
    """
    backed_off = interval if unanswered == 0 else min(interval * 2 ** min(unanswered, 16), _LONGEST_PAUSE)
    return max(interval, backed_off, retry_after or 0.0)


async def sign_in_by_device(
    endpoints: Endpoints, scope: Mapping[str, str], tell: Callable[[Action], object]
) -> TokenSet:
    """Get a code for the user, and ask until they have used it.

    Args:
        scope: fields of the first call: `scope` and what else the server wants.

    Raises:
        SessionRefused: when the user says no, or the code expires.
    """
    asked = await _ask_for_code(endpoints, scope)
    interval = max(asked.interval or _INTERVAL, _LEAST_INTERVAL)
    life = asked.expires_in or _LIFE
    end = asyncio.get_running_loop().time() + life
    tell(
        DeviceCodeIssued(
            user_code=asked.user_code,
            verification_uri=asked.verification_uri,
            verification_uri_complete=asked.verification_uri_complete,
            expires_at=time.time() + life,
            interval=interval,
        )
    )
    form: Form = {"grant_type": GRANT, "device_code": asked.device_code}
    unanswered, wait = 0, interval
    while True:
        left = end - asyncio.get_running_loop().time()
        if left <= 0:
            raise SessionRefused(_EXPIRED, code="expired_token")
        await asyncio.sleep(min(wait, left))
        try:
            return await endpoints.first_tokens(form, _DECLINED)
        except SessionUnavailable as answer:
            if answer.code in PROGRAM_CODES:
                raise
            if answer.code == "slow_down":
                interval += _SLOWER
            waits_for_user = answer.code in ("authorization_pending", "slow_down")
            unanswered = 0 if waits_for_user else unanswered + 1
            wait = pause(interval, unanswered, answer.retry_after)
            tell(DevicePolled(answer=answer.code if waits_for_user and answer.code else "unavailable", interval=wait))


async def _ask_for_code(endpoints: Endpoints, scope: Mapping[str, str]) -> DeviceAuthorization:
    url = endpoints.server.device_authorization_endpoint
    if url is None:
        msg = "The authorization server has no sign-in by device code: it names no device_authorization_endpoint."
        raise SessionRefused(msg)
    form: Form = {**scope, "client_id": endpoints.program.client_id}
    reply = await endpoints.post(url, form)
    if not reply.is_success:
        raise refusal_of(reply, "The server gave no code to sign in with.")
    try:
        return DeviceAuthorization.model_validate(reply.content)
    except ValidationError as error:
        places = ", ".join(
            sorted({str(each["loc"][0]) for each in error.errors(include_url=False, include_input=False)})
        )
        msg = f"The authorization server's answer makes no sense: it lacks a usable {cleaned(places)}."
        raise SessionRefused(msg) from None
