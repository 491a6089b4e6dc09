"""What a server says of itself and of us, as words that may be shown."""

import unicodedata

ENDED = "Your session has ended. Please sign in again."
WRONG_PASSWORD = "The user name or the password is wrong."  # noqa: S105 -- words
_ENOUGH = frozenset({ENDED, WRONG_PASSWORD})  # what the server says beside helps nobody

_WORDS = {
    "invalid_client": "The server does not accept this program. Check client_id, client_secret and auth_method.",
    "unauthorized_client": "The server does not let this program sign in in this way. Check flow, and what the program is registered for.",
    "unsupported_grant_type": "The server has no such way to sign in. Check flow.",
    "invalid_scope": "The server does not grant this scope. Check scope.",
    "invalid_target": "The server does not know the resource that is asked for. Check parameters.",
    "access_denied": "The sign-in was declined.",
    "expired_token": "The code has expired. Please start again.",
}


def is_plain(text: str) -> bool:
    """Whether text has neither spaces nor control characters of any kind.

    Examples:
        >>> is_plain("https://id.example.com/device"), is_plain("https://id.example.com/\u202e")
        (True, False)
    """
    return all(unicodedata.category(each)[0] not in "CZ" for each in text)


def refusal(code: str, description: str = "", grant: str = "The server refused the sign-in.") -> str:
    """An OAuth error (RFC 6749, section 5.2) in words for a person.

    Args:
        code: the server's own, cleaned.
        description: what it says beside, cleaned.
        grant: what to say where the code speaks of what the user or the program came with.

    Examples:
        >>> refusal("invalid_client", "unknown client")
        'The server does not accept this program. Check client_id, client_secret and auth_method. (invalid_client: unknown client)'
    """
    if code == "invalid_grant" and grant in _ENOUGH:
        return grant
    told = f"{code}: {description}" if description else code
    return f"{_WORDS.get(code, grant)} ({told})"
