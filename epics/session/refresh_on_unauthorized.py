"""How to get a new access token with the refresh token: the catch block, as an operator.

The user of the app notices nothing when a token merely expired: a request that is answered with 401
waits for one refresh, which it shares with all others, and is then started over with the new token.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import reactivex as rx
from reactivex import Observable, abc

from ...actions import (
    Action,
    LoginFailure,
    LoginSuccess,
    Logout,
    RefreshFailure,
    RefreshSuccess,
    RefreshToken,
    RequestRejected,
    RequestReplayed,
    SignIn,
    TokenAccepted,
    TokenSet,
)
from ...reducers import AuthState
from ...store import ActionStream, StateStream
from ...store.engine.causes import CAUSE, answering
from ...store.engine.direct import Direct, Relay
from ..operators import direct
from ..operators.of_type import of_type
from .answers import Meaning
from .errors import ApiCallError, TokenNotReadyError
from .in_place import RENEWAL, Renewal, run_in_turn
from .needs import HasAuth
from .one_session import AUTH, actions_of, signed_by, state_of
from .policy import RefreshPolicy
from .unauthorized import (
    BUSY,
    Asked,
    Decision,
    Now,
    Sent,
    decide,
    failure_of,
    is_due,
    is_news,
    may_refresh,
    proves_token,
    status_of,
)

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

GAVE_UP = "The server refuses every new access token. You were signed out; please sign in again."

log = logging.getLogger("rxdux")


class Again(Protocol[T_co]):
    """How a request is sent once more."""

    def __call__(self, asked: Asked, *, ahead: bool = True) -> Observable[T_co | Action]: ...


@dataclass(slots=True)
class _Run:
    """One run of a source, or one call of it: the request, and when it was sent last."""

    asked: Asked
    sent: Sent


def refresh_on_unauthorized(
    actions: ActionStream,
    state: StateStream[HasAuth],
    *,
    policy: RefreshPolicy | None = None,
    request: str = "",
    session: str = AUTH,
) -> Callable[[Observable[T]], Observable[T | Action]]:
    """Refresh the access token when the source fails with 401, and start the source over.

    The source must read the token anew on each subscription, as `from_async` does. It may fail with
    the API client's own error or with an `httpx.HTTPStatusError`. Other errors pass through. When
    there is no new token, it fails with an `ApiCallError`.

    A coroutine that makes several calls through the API client is not started over once one of them has
    succeeded: the call that met the 401 is sent again alone, and waits within the coroutine.

    Args:
        actions: the action stream of the epic.
        state: its state stream; the state has an `AuthState` as `.auth`.
        policy: when to refresh, and when not.
        request: what the source is for, in the log.
        session: whose token it carries, where a store has several.

    See https://redux-observable.js.org/docs/recipes/ErrorHandling.html

    Examples:
        ```python
        ops.flat_map(lambda action: from_async(lambda: deps.api.get("/users", state.value.auth.tokens)).pipe(
            ops.map(UsersLoaded),
            refresh_on_unauthorized(actions, state),
            ops.catch(lambda error, _: rx.just(UsersFailed(error=str(error)))),
        ))
        ```
    """
    view = _Session(actions_of(actions, session), state_of(state, session), policy or RefreshPolicy())

    def start_over_when_renewed(source: Observable[T]) -> Observable[T | Action]:
        return signed_by(session, direct.defer(_Request(source, request, view).of_one_session))

    return start_over_when_renewed


@dataclass(frozen=True)
class _Session:
    """What the requests of one session share."""

    actions: ActionStream
    state: StateStream[HasAuth]
    policy: RefreshPolicy

    @property
    def auth(self) -> AuthState:
        return self.state.value.auth


@dataclass(frozen=True, slots=True, eq=False)
class _Request(Generic[T]):
    """A source that carries a token, and how it is started over with another."""

    source: Observable[T]
    name: str
    session: _Session

    def of_one_session(self) -> Observable[T | Action]:
        asked = Asked(self.session.auth.epoch, self.name)
        return self.attempt(asked).pipe(direct.fail_with(_end_of_session(asked, self.session)))

    def attempt(self, asked: Asked, *, ahead: bool = True) -> Observable[T | Action]:
        # 1. defer: each subscription sees the current token, and notes which one it is.
        return direct.defer(lambda: self._start(asked, ahead=ahead))

    def _start(self, asked: Asked, *, ahead: bool) -> Observable[T | Action]:
        auth, now, policy = self.session.auth, Now.read(), self.session.policy
        if not asked.may_go_out(auth):
            return direct.throw(failure_of(Decision.EXPIRED, auth))
        if auth.status in BUSY:  # no doomed call: a new token is on its way
            return self._renewed(asked.waited(), now, auth, self.attempt)
        if ahead and is_due(auth, now, policy) and may_refresh(auth, now, policy) is Decision.REFRESH:
            question = self._ask_for_refresh(auth, now, refused=False)
            return self._renewed(asked.waited(), now, auth, self.attempt).pipe(direct.and_say(question))
        run = _Run(asked, Sent.now(auth))
        watched: Observable[T | Action] = Direct(lambda observer, scheduler: self._watch(run, observer, scheduler))
        # 2. catch the 401, with the source that failed.
        return watched.pipe(direct.catch(lambda error: self._recover(error, run.asked, run.sent, self.attempt)))

    def _watch(
        self, run: _Run, observer: abc.ObserverBase[T | Action], scheduler: abc.SchedulerBase | None
    ) -> abc.DisposableBase:
        """Subscribe to the source, and tell each call in it how to get a new token in place."""
        known: list[TokenSet | None] = [self.session.auth.tokens]
        renewal = Renewal(lambda: _OneCall(self, run, known, observer, scheduler))
        before = RENEWAL.set(renewal)
        try:
            return _Watched(observer, scheduler, run, renewal, self).follow(self.source)
        finally:
            RENEWAL.reset(before)

    def recover_call(self, run: _Run, call: _Run, error: ApiCallError) -> Observable[T | Action]:
        """The same for one call of a coroutine: it alone is sent again."""

        def go_on_with(asked: Asked, *, ahead: bool = True) -> Observable[T | Action]:
            call.asked, call.sent = asked, Sent.now(self.session.auth)
            run.sent = call.sent
            return rx.empty()

        return self._recover(error, call.asked, call.sent, go_on_with)

    def _recover(self, error: Exception, asked: Asked, sent: Sent, again: Again[T]) -> Observable[T | Action]:
        auth, now = self.session.auth, Now.read()
        decision = decide(error, asked, sent, auth, now=now, policy=self.session.policy)
        if decision is Decision.UNRELATED:
            return direct.throw(error)
        log.debug("request %s with token generation %s: %s", self.name, sent.generation, decision.value)
        note = RequestRejected(request=self.name, generation=sent.generation, decision=decision.value)
        if isinstance(error, TokenNotReadyError):
            following = asked.waited()
        else:
            following = asked.replayed() if decision is Decision.REPLAY else asked.renewed()
        return self._after(decision, following, auth, now, again).pipe(direct.start_with(note))

    def _after(
        self, decision: Decision, asked: Asked, auth: AuthState, now: Now, again: Again[T]
    ) -> Observable[T | Action]:
        match decision:
            case Decision.REPLAY:
                return again(asked)
            case Decision.WAIT:
                return self._renewed(asked, now, auth, again)
            case Decision.REFRESH:
                # 3. emit REFRESH_TOKEN; whoever waits for the answer listens before the question goes out.
                question = self._ask_for_refresh(auth, now, refused=True)
                return self._renewed(asked, now, auth, again).pipe(direct.and_say(question))
            case Decision.GIVE_UP:
                over = direct.throw(failure_of(decision, auth))
                return over.pipe(direct.start_with(Logout(reason=GAVE_UP)))
            case _:
                return direct.throw(failure_of(decision, auth))

    def _ask_for_refresh(self, auth: AuthState, now: Now, *, refused: bool) -> RefreshToken:
        return RefreshToken(
            generation=auth.generation, epoch=auth.epoch, cause=self.name, at=now.steady, refused=refused
        )

    def _renewed(self, asked: Asked, since: Now, before: AuthState, again: Again[T]) -> Observable[T | Action]:
        cause = CAUSE.get()
        # 4. wait for the first REFRESH_SUCCESS, until a REFRESH_FAILURE: a failure must not end in silence.
        return self.session.actions.pipe(
            of_type(RefreshSuccess, RefreshFailure, LoginSuccess, LoginFailure, SignIn, Logout),
            direct.on_first(
                lambda _: self.session.auth.status not in BUSY,
                lambda outcome: answering(cause, outcome, self._go_on(outcome, asked, since, before, again)),
            ),
        )

    def _go_on(
        self, outcome: Action, asked: Asked, since: Now, before: AuthState, again: Again[T]
    ) -> Observable[T | Action]:
        auth, now = self.session.auth, Now.read()
        is_renewed = isinstance(outcome, RefreshSuccess | LoginSuccess) and auth.tokens is not None
        if not is_renewed and not _still_good(outcome, before, auth, now, self.session.policy):
            return direct.throw(_failure(outcome))
        waited = now.steady - since.steady
        log.debug("request %s waited %.3f s for token generation %s", self.name, waited, auth.generation)
        note = RequestReplayed(request=self.name, generation=auth.generation, waited=waited)
        # 5. start the source over, with the new token.
        return again(asked, ahead=False).pipe(direct.start_with(note))


def _end_of_session(asked: Asked, session: _Session) -> Observable[Action]:
    """Fails when the session is over in which the request was asked for: wherever that is by then, it goes no further."""
    return session.actions.pipe(
        of_type(SignIn, LoginSuccess, Logout, RefreshFailure),
        direct.on_first(
            lambda _: not asked.may_go_out(session.auth),
            lambda _: direct.throw(failure_of(Decision.EXPIRED, session.auth)),
        ),
    )


def _still_good(outcome: Action, before: AuthState, auth: AuthState, now: Now, policy: RefreshPolicy) -> bool:
    """Whether a token outlives a refresh ahead of its expiry that failed for a passing reason."""
    is_passing = isinstance(outcome, RefreshFailure) and not outcome.permanent
    is_ahead = policy.refresh_before_expiry > 0 and auth.generation == before.generation
    return is_passing and is_ahead and auth.expires_at is not None and now.clock < auth.expires_at


def _failure(outcome: Action) -> ApiCallError:
    match outcome:
        case RefreshFailure(error=error) | LoginFailure(error=error):
            is_over = isinstance(outcome, RefreshFailure) and outcome.permanent
            return ApiCallError(error.model_copy(update={"kind": "session_expired"}) if is_over else error)
        case _:
            return failure_of(Decision.EXPIRED, AuthState())


class _OneCall(Generic[T]):
    """A call through the API client, by itself."""

    def __init__(
        self,
        request: _Request[T],
        run: _Run,
        known: list[TokenSet | None],
        observer: abc.ObserverBase[T | Action],
        scheduler: abc.SchedulerBase | None,
    ) -> None:
        self._request = request
        self._run = run
        self._known = known
        self._observer = observer
        self._scheduler = scheduler
        self._call = _Run(run.asked, Sent.now(request.session.auth))
        self.is_own = False

    def carries(self, tokens: TokenSet | None) -> None:
        auth = self._request.session.auth
        self._call.sent = Sent.now(auth)
        if tokens is auth.tokens:
            self._known.append(tokens)
        self.is_own = any(tokens is each for each in self._known)

    async def renew(self, error: ApiCallError) -> TokenSet:
        recovery = self._request.recover_call(self._run, self._call, error)
        await run_in_turn(recovery, self._observer.on_next, self._scheduler)
        auth = self._request.session.auth
        if auth.tokens is None or not self._run.asked.may_go_out(auth):
            raise failure_of(Decision.EXPIRED, auth)
        return auth.tokens


class _Watched(Relay[T, T | Action]):
    """Up to the end of its session; the first answer after a refresh says that the token was accepted."""

    __slots__ = ("_renewal", "_request", "_run")

    def __init__(
        self,
        observer: abc.ObserverBase[T | Action],
        scheduler: abc.SchedulerBase | None,
        run: _Run,
        renewal: Renewal,
        request: _Request[T],
    ) -> None:
        super().__init__(observer, scheduler)
        self._run = run
        self._renewal = renewal
        self._request = request

    def on_next(self, value: T) -> None:
        if self.is_over:
            return
        auth = self._request.session.auth
        if not self._run.asked.may_go_out(auth):
            super().on_error(failure_of(Decision.EXPIRED, auth))
            return
        self._note_acceptance(auth)
        self.observer.on_next(value)

    def on_error(self, error: Exception) -> None:
        if self.is_over:
            return
        status = status_of(error)
        if status is not None and proves_token(status):
            self._note_acceptance(self._request.session.auth)
        if isinstance(error, ApiCallError) and error.meaning is Meaning.REFRESH and not self._renewal.is_one_call:
            error = ApiCallError(error.error, tokens=error.tokens)  # starting over would send the others twice
        super().on_error(error)

    def dispose(self) -> None:
        self._renewal.is_over = True
        super().dispose()

    def _note_acceptance(self, auth: AuthState) -> None:
        if is_news(auth, self._request.name) and Sent.now(auth) == self._run.sent:
            self.observer.on_next(TokenAccepted(generation=self._run.sent.generation, request=self._request.name))
