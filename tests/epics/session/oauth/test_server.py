"""What an authorization server says of itself, and what of it is believed."""

from typing import Any

import pytest

from rxdux import SignIn

from .authority import OPENID, RFC_8414, Answer, Authority
from .conftest import Opens

SERVICE: dict[str, Any] = {"flow": "service", "client_secret": "a-secret"}


async def words_of(opened: Opens, **options: Any) -> str:
    async with opened(**{**SERVICE, **options}) as session:
        session.store.dispatch(SignIn())
        await session.settle()
        assert session.store.state.auth.status == "signed_out"
        return session.store.state.auth.error


async def test_the_metadata_of_rfc_8414_will_do(authority: Authority, opened: Opens) -> None:
    """Where there is none of OpenID Connect; its path stands in front of the issuer's."""
    issuer = f"{authority.url}/realm"
    authority.answer(f"{RFC_8414}/realm", Answer({"issuer": issuer, "token_endpoint": f"{authority.url}/token"}))
    async with opened(**SERVICE, issuer=issuer) as session:
        session.store.dispatch(SignIn())
        await session.settle()
        assert session.store.state.auth.status == "signed_in"
    assert [each.path for each in authority.asked][:2] == [f"/realm{OPENID}", f"{RFC_8414}/realm"]


async def test_another_issuer_is_not_believed(authority: Authority, opened: Opens) -> None:
    """Nothing is sent to its endpoints (RFC 8414, section 3.3); a slash more is told as what it is."""
    authority.describe(issuer=f"{authority.url}/")
    words = await words_of(opened)
    assert words == (
        f"The authorization server says that it is '{authority.url}/', not '{authority.url}'. "
        "Check issuer: both must be the same, to the last slash."
    )
    assert authority.forms("/token") == []


async def test_no_metadata_is_told_with_both_addresses(authority: Authority, opened: Opens) -> None:
    """And with what to do."""
    authority.answer(OPENID, Answer(b"<html>not found", 404))
    words = await words_of(opened)
    assert f"{authority.url}{OPENID}" in words
    assert f"{authority.url}{RFC_8414}" in words
    assert "endpoints" in words


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer({"error": "busy"}, 503), "has a problem"),
        (Answer(status=0), "cannot be reached"),
        (Answer(b"x" * 2_000_000), "more than 1048576 bytes"),
        (Answer({"issuer": "URL"}), "token_endpoint"),
        (
            Answer({"issuer": "URL", "token_endpoint": "http://x/\u202e"}),
            "token_endpoint: it must be an absolute http or https URL",
        ),
        (
            Answer({"issuer": "URL", "token_endpoint": "ftp://x"}),
            "token_endpoint: it must be an absolute http or https URL",
        ),
        (Answer([1]), "does not describe itself"),
        (Answer(b"", 302, {"Location": "http://127.0.0.1:9/"}), "does not describe itself"),
    ],
)
async def test_metadata_that_cannot_be_used_is_told(
    authority: Authority, opened: Opens, answer: Answer, words: str
) -> None:
    """In words, and no redirect is followed."""
    if isinstance(answer.content, dict) and "issuer" in answer.content:
        answer = Answer({**answer.content, "issuer": authority.url})
    authority.answer(OPENID, answer)
    assert words in await words_of(opened)
    assert authority.forms("/token") == []


async def test_what_is_of_no_use_in_the_metadata_does_no_harm(authority: Authority, opened: Opens) -> None:
    """Servers leave names empty in more than one way."""
    authority.describe(token_endpoint_auth_methods_supported="", authorization_response_iss_parameter_supported="")
    async with opened(**SERVICE) as session:
        session.store.dispatch(SignIn())
        await session.settle()
        assert session.store.state.auth.status == "signed_in"


async def test_endpoints_that_are_given_are_not_asked_for(authority: Authority, opened: Opens) -> None:
    """For servers that publish no metadata."""
    async with opened(**SERVICE, endpoints={"token_endpoint": f"{authority.url}/token"}) as session:
        session.store.dispatch(SignIn())
        await session.settle()
        assert session.store.state.auth.status == "signed_in"
    assert [each.path for each in authority.asked] == ["/token"]


async def test_endpoints_complete_what_the_metadata_lacks(authority: Authority, opened: Opens, patience: float) -> None:
    """All else is taken from there."""
    authority.describe(device_authorization_endpoint=None)
    async with opened(endpoints={"device_authorization_endpoint": f"{authority.url}/device"}) as session:
        session.store.dispatch(SignIn())
        await session.store.wait_for(lambda state: state.auth.status == "signed_in", patience)
    assert {each.path for each in authority.asked} == {OPENID, "/device", "/token"}


async def test_a_server_that_moved_is_found_at_the_next_sign_in(authority: Authority, opened: Opens) -> None:
    """While a session lasts its metadata is read once."""
    async with opened(**SERVICE) as session:
        session.store.dispatch(SignIn())
        await session.settle()
        authority.describe(token_endpoint=f"{authority.url}/elsewhere")
        authority.answer("/elsewhere", Answer({"access_token": "another"}))
        session.store.dispatch(SignIn())
        await session.settle()
        assert session.store.state.auth.tokens.access_token.get_secret_value() == "another"
