"""Issues tokens: signed access tokens of a short life, and refresh tokens that rotate.

A refresh token is good for one use. One that comes a second time was stolen, or its owner lost the
answer: the server cannot tell, and revokes the whole family (RFC 9700, section 4.14.2).
"""

# PyJWT names types of a library that HS256 does not need:
# pyright: reportUnknownMemberType=false
import hashlib
import hmac
import math
import secrets
import sqlite3
import time
from dataclasses import dataclass
from threading import Lock
from typing import Any

import jwt

from .authorization_codes import AuthorizationCodes
from .device_codes import DeviceCodes
from .refusal import Refusal
from .users import USERS

SCOPE = "people:read"


@dataclass(frozen=True)
class Grant:
    """What a token request gets: a success (RFC 6749, section 5.1) or an error code (section 5.2)."""

    tokens: dict[str, Any] | None = None
    error: str = ""
    description: str = ""


@dataclass(frozen=True)
class Refused:
    """Why an access token does not do."""

    description: str


class Issuer:
    """Signs, rotates, revokes. Sessions live in SQLite, in memory or in a file.

    Args:
        life: of an access token, in seconds.
        database: a path, or ":memory:".
    """

    def __init__(self, life: float = 15.0, database: str = ":memory:") -> None:
        self.life = life
        self.reuse_detected = 0
        self.skew = 0.0  # seconds that its clock is ahead
        self.device_codes = DeviceCodes()
        self.authorization_codes = AuthorizationCodes()
        self._key = secrets.token_bytes(32)
        self._edition = 0  # access tokens of an older edition count as expired
        self._lock = Lock()
        self._sessions = sqlite3.connect(database, check_same_thread=False, isolation_level=None)
        self._sessions.execute(
            "create table if not exists refresh_tokens "
            "(hash text primary key, family text, user text, used integer default 0, revoked integer default 0)"
        )

    def close(self) -> None:
        self._sessions.close()

    def knows(self, username: str, password: str) -> bool:
        known = USERS.get(username, "")
        return bool(known) and hmac.compare_digest(known.encode(), password.encode())

    def log_in(self, username: str, password: str) -> Grant:
        if not self.knows(username, password):
            return Grant(error="invalid_grant", description="Unknown user or wrong password.")
        with self._lock:
            return self._issue(username, secrets.token_hex(8))

    def redeem_device_code(self, device_code: str, client_id: str) -> Grant:
        """Tokens for a sign-in that its user has approved (RFC 8628, section 3.4)."""
        with self._lock:
            user = self.device_codes.redeem(device_code, client_id)
            if isinstance(user, Refusal):
                return Grant(error=user.error, description=user.description)
            return _with_name(self._issue(user, secrets.token_hex(8)), user)

    def redeem_authorization_code(self, code: str, client_id: str, redirect_uri: str, code_verifier: str) -> Grant:
        """Tokens for a code that a browser has brought (RFC 6749, section 4.1.3). A code that comes twice was stolen:
        what it was traded for is revoked (section 4.1.2)."""
        with self._lock:
            user = self.authorization_codes.redeem(code, client_id, redirect_uri, code_verifier)
            if isinstance(user, Refusal):
                self._revoke_family(_hash(code))
                return Grant(error=user.error, description=user.description)
            return _with_name(self._issue(user, _hash(code)), user)

    def refresh(self, refresh_token: str) -> Grant:
        with self._lock:
            row = self._sessions.execute(
                "select family, user, used, revoked from refresh_tokens where hash = ?", (_hash(refresh_token),)
            ).fetchone()
            if row is None:
                return Grant(error="invalid_grant", description="Unknown refresh token.")
            family, user, used, revoked = row
            if revoked:
                return Grant(error="invalid_grant", description="The session was revoked.")
            if used:
                self.reuse_detected += 1
                self._revoke_family(family)
                return Grant(error="invalid_grant", description="Refresh token reuse: the session was revoked.")
            self._sessions.execute("update refresh_tokens set used = 1 where hash = ?", (_hash(refresh_token),))
            return self._issue(user, family)

    def revoke(self, refresh_token: str) -> None:
        """Revoke the family of one token (RFC 7009)."""
        with self._lock:
            row = self._sessions.execute(
                "select family from refresh_tokens where hash = ?", (_hash(refresh_token),)
            ).fetchone()
            if row is not None:
                self._revoke_family(row[0])

    def revoke_all(self) -> None:
        with self._lock:
            self._sessions.execute("update refresh_tokens set revoked = 1")

    def expire_access_tokens(self) -> None:
        """From now on every access token that is out counts as expired."""
        self._edition += 1

    def is_revoked(self, refresh_token: str) -> bool:
        with self._lock:
            row = self._sessions.execute(
                "select revoked from refresh_tokens where hash = ?", (_hash(refresh_token),)
            ).fetchone()
        return row is None or bool(row[0])

    def check(self, access_token: str) -> dict[str, Any] | Refused:
        """The claims of a good access token."""
        try:
            claims = jwt.decode(
                access_token,
                self._key,
                algorithms=["HS256"],
                options={"require": ["exp", "sub"], "verify_exp": False, "verify_iat": False},
            )
        except jwt.InvalidTokenError:
            return Refused("The access token is invalid")
        if claims["edition"] != self._edition or claims["until"] <= self._now():
            return Refused("The access token expired")
        return claims

    def _issue(self, user: str, family: str) -> Grant:
        refresh_token = secrets.token_urlsafe(24)
        self._sessions.execute(
            "insert into refresh_tokens (hash, family, user) values (?, ?, ?)", (_hash(refresh_token), family, user)
        )
        now = self._now()
        claims = {
            "sub": user,
            "iat": now,
            "exp": math.ceil(now + self.life),  # whole seconds: what a JWT library compares
            "until": now + self.life,
            "jti": secrets.token_hex(8),
            "scope": SCOPE,
            "edition": self._edition,
        }
        return Grant(
            tokens={
                "access_token": jwt.encode(claims, self._key, algorithm="HS256"),
                "token_type": "Bearer",
                "expires_in": self.life,
                "refresh_token": refresh_token,
                "scope": SCOPE,
            }
        )

    def _now(self) -> float:
        return time.time() + self.skew

    def _revoke_family(self, family: str) -> None:
        self._sessions.execute("update refresh_tokens set revoked = 1 where family = ?", (family,))


def _with_name(grant: Grant, user: str) -> Grant:
    """Says who came in: the program has not asked for a name."""
    return Grant({**(grant.tokens or {}), "username": user})


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
