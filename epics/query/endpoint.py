"""An endpoint: a coroutine function, and the queries that ask it."""

import math
import weakref
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import Any, Generic, ParamSpec, TypeVar, cast

from pydantic import ValidationError

from ..session.answers import describe
from ..session.errors import ApiCallError
from .actions import Failed, MutationFailed, MutationSucceeded, Started, Succeeded
from .door import HasDoors
from .mutation import Mutation, Patch
from .query import AskedAction, InfiniteQuery, Query
from .result import NO_RUN, Pages, Run
from .signature import Signature, adapter_of, has_secrets, make_class, make_outcome, read_signature
from .state import QueryState
from .tag import Tag, check_tags, models_in
from .updates import replaced

P = ParamSpec("P")
T = TypeVar("T")

Changes = dict[str, list[Callable[[Any], Any]]]

Stream = Callable[..., AsyncIterator[Callable[[Any], Any]]]


class Endpoint:
    """What queries' and mutations' endpoints have in common.

    Attributes:
        action_class: of the actions that ask it; so that it stands for the class in `of_type` and `on`.
        name: that of the function.
    """

    def __init__(self, api: HasDoors, kind: str, base: type[AskedAction], function: Any, skipped: int = 1) -> None:
        signature: Signature = read_signature(f"The {kind}", function, skipped)
        self.api = api
        self.function = signature.function
        self.name: str = signature.function.__name__
        self.answer = signature.answer
        self.action_class: Any = make_class(base, api.name, signature)
        self.action_class.endpoint = self
        self.type: str = self.action_class.type
        self._signature = signature
        parameters = signature.arguments.parameters.values()
        self._names = frozenset(signature.arguments.parameters)
        self._by_place = [each.name for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD]
        self._required = frozenset(each.name for each in parameters if each.default is each.empty)
        self._adapter = adapter_of(f"The {kind} {self.name}", signature.answer)
        self.holds_secrets = has_secrets(signature.answer)
        self.__name__ = signature.function.__name__
        self.__qualname__ = signature.function.__qualname__
        self.__module__ = signature.function.__module__
        self.__doc__ = signature.function.__doc__

    def bind(self, args: Any, kwargs: Any) -> Any:
        """The action for these arguments.

        Raises:
            TypeError: for arguments that the function does not take.
            pydantic.ValidationError: for values of another type.
        """
        given = dict(zip(self._by_place, args, strict=False))
        given.update(kwargs)
        if len(given) != len(args) + len(kwargs) or not self._required <= given.keys() <= self._names:
            self._refuse(args, kwargs)
        return self.action_class(**given)

    def _refuse(self, args: Any, kwargs: Any) -> None:
        try:
            self._signature.arguments.bind(*args, **kwargs)
        except TypeError as error:
            msg = f"{self.name}{self._signature.arguments}: {error}."
            raise TypeError(msg) from None

    def check(self, answer: Any) -> Any:
        """What came, as what the annotation says.

        Raises:
            ApiCallError: for anything else; it names the place, never the value.
        """
        try:
            return self._adapter.validate_python(answer)
        except ValidationError as error:
            raise ApiCallError(misfit(self.name, error)) from None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.type}{self._signature.arguments}>"


def misfit(name: str, error: ValidationError) -> Any:
    first = error.errors(include_input=False, include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"]) or "its root"
    own_words = first["type"] in ("value_error", "assertion_error")  # they may say the value
    words = "it is refused by its model" if own_words else first["msg"]
    return describe("invalid_response", detail=f"({name}, at {place}: {words})")


class QueryEndpoint(Endpoint, Generic[P, T]):
    """Makes the queries of one endpoint: called with the arguments of its function beside the call."""

    pages = False
    data_class: Any

    def __init__(
        self,
        api: HasDoors,
        function: Any,
        *,
        provides: Iterable[Tag[Any]],
        stale_after: float | None,
        keep_unused: float,
        every: float | None,
        session: bool,
        base: type[Query[Any]] = Query,
        skipped: int = 1,
    ) -> None:
        check_patience("stale_after", stale_after)
        check_patience("keep_unused", keep_unused)
        if every is not None and not every > 0:
            msg = f"every must be more than 0, in seconds, not {every!r}. Leave it out not to poll."
            raise ValueError(msg)
        self._provided = check_tags("provides", provides)
        super().__init__(api, "query", base, function, skipped)
        if any(has_secrets(self._signature.hints.get(name)) for name in self._signature.arguments.parameters):
            msg = f"The query {self.name} has a secret parameter. The arguments of a query are shown, as its key: put the secret into call.deps."
            raise TypeError(msg)
        self.stale_after, self.keep_unused, self.every, self.of_session = stale_after, keep_unused, every, session
        self._provides: Callable[..., Iterable[Tag[Any]]] | None = None
        self.poll_of: Callable[..., float | None] | None = None
        self.stream_of: Stream | None = None
        self._make_outcomes(self.answer)

    def _make_outcomes(self, data: Any) -> None:
        self.data_class = data
        query = (self.action_class, ...)
        self.started: type[Started] = make_outcome(Started, f"{self.type}/started", self.function, query=query)
        self.succeeded: type[Succeeded] = make_outcome(
            Succeeded, f"{self.type}/succeeded", self.function, query=query, data=(data, ...)
        )
        self.failed: type[Failed] = make_outcome(Failed, f"{self.type}/failed", self.function, query=query)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Query[T]:
        return self.bind(args, kwargs)

    def seed_of(self, answer: Any, arguments: dict[str, Any]) -> Any:
        """Data that did not come from a call, checked as if they had."""
        return self.check(answer)

    def provides(self, function: Callable[..., Iterable[Tag[Any]]]) -> Callable[..., Iterable[Tag[Any]]]:
        """Decorate a function of the data and the arguments that gives more tags."""
        self._provides = function
        return function

    def poll(self, function: Callable[..., float | None]) -> Callable[..., float | None]:
        """Decorate a function of the result and the arguments: in how many seconds to ask again; None for not."""
        self.poll_of = function
        return function

    def stream(self, function: Stream) -> Stream:
        """Decorate an asynchronous generator of changes to the data. It runs while watched, from the first success on."""
        self.stream_of = function
        return function

    def tags_of(self, data: Any, arguments: dict[str, Any]) -> Iterator[str]:
        """The keys of what an answer is about."""
        for tag in self._provided:
            yield from tag.keys_in(data)
        if self._provides is not None:
            for tag in check_tags(f"{self.name}.provides", self._provides(data, **arguments)):
                yield from tag.keys


class InfiniteEndpoint(QueryEndpoint[P, T]):
    """Makes the queries of an endpoint that answers page by page."""

    pages = True

    def __init__(self, api: HasDoors, function: Any, *, max_pages: int | None, **options: Any) -> None:
        if max_pages is not None and not max_pages >= 1:
            msg = f"max_pages must be 1 or more, not {max_pages!r}. Leave it out to keep all."
            raise ValueError(msg)
        super().__init__(api, function, base=InfiniteQuery, skipped=2, **options)
        self.max_pages = max_pages
        self._next: Callable[..., Any] | None = None
        self._previous: Callable[..., Any] | None = None

    def _make_outcomes(self, data: Any) -> None:
        super()._make_outcomes(Pages[data])

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> InfiniteQuery[T]:  # pyright: ignore[reportIncompatibleMethodOverride] -- the data are pages of T
        return self.bind(args, kwargs)

    def next_page(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Decorate a function of the last page and the arguments that gives the next page's parameter; None: there is none."""
        self._next = function
        return function

    def previous_page(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Decorate a function of the first page and the arguments that gives the previous one's parameter; None: there is none."""
        self._previous = function
        return function

    def seed_of(self, answer: Any, arguments: dict[str, Any]) -> Any:
        """Pages, one page, or a list of them."""
        if isinstance(answer, Pages):
            answer = list(cast("Pages[Any]", answer).pages)
        given = cast("list[Any]", answer if isinstance(answer, list) else [answer])
        pages = tuple(self.check(page) for page in given)
        cursors = [self.after(page, arguments) for page in pages]
        made: Pages[Any] = self.data_class(
            has_next=bool(cursors) and cursors[-1] is not None,
            has_previous=bool(pages) and self.before(pages[0], arguments) is not None,
        )
        return made.replace(pages=pages, parameters=(None, *cursors[:-1])[: len(pages)])

    def after(self, last: Any, arguments: dict[str, Any]) -> Any:
        return None if self._next is None else self._next(last, **arguments)

    def before(self, first: Any, arguments: dict[str, Any]) -> Any:
        return None if self._previous is None else self._previous(first, **arguments)


class MutationEndpoint(Endpoint, Generic[P, T]):
    """Makes the mutations of one endpoint: called with the arguments of its function beside the call."""

    def __init__(
        self,
        api: HasDoors,
        function: Any,
        *,
        invalidates: Iterable[Tag[Any]],
        updates: Iterable[Tag[Any]],
        scope: str | None,
        offline: bool,
    ) -> None:
        self._invalidated = check_tags("invalidates", invalidates)
        self._updated = check_tags("updates", updates)
        for tag in self._updated:
            if tag.model is None:
                msg = f"updates={tag!r} is a tag without a model: nothing says what to replace. Make it with Tag.of(User, lambda user: user.id)."
                raise TypeError(msg)
        super().__init__(api, "mutation", Mutation, function)
        self.scope, self.offline = scope, offline
        self._optimistic: Callable[..., object] | None = None
        self._collected: dict[int, tuple[weakref.ref[Mutation[Any]], Changes]] = {}
        self._invalidates: Callable[..., Iterable[Tag[Any]]] | None = None
        mutation = (self.action_class, ...)
        self.succeeded: type[MutationSucceeded] = make_outcome(
            MutationSucceeded, f"{self.type}/succeeded", self.function, mutation=mutation, data=(self.answer, ...)
        )
        self.failed: type[MutationFailed] = make_outcome(
            MutationFailed, f"{self.type}/failed", self.function, mutation=mutation
        )

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Mutation[T]:
        return self.bind(args, kwargs)

    def latest(self, state: Any) -> Run[T]:
        """A selector of the last run; one that is `idle` where there was none."""
        found: QueryState = self.api.find_state(state)
        run_id = found.latest.get(self.name)
        return NO_RUN if run_id is None else found.mutations.get(run_id, NO_RUN)

    def optimistic(self, function: Callable[..., object]) -> Callable[..., object]:
        """Decorate a pure function of a patch and the arguments: what to show before the server has answered."""
        self._optimistic = function
        return function

    def invalidates(self, function: Callable[..., Iterable[Tag[Any]]]) -> Callable[..., Iterable[Tag[Any]]]:
        """Decorate a function of the answer and the arguments that gives more tags that are old now."""
        self._invalidates = function
        return function

    def tags_of(self, data: Any, arguments: dict[str, Any]) -> Iterator[str]:
        """The keys of what is old after this mutation."""
        for tag in self._invalidated:
            yield tag.key
        if self._invalidates is not None:
            for tag in check_tags(f"{self.name}.invalidates", self._invalidates(data, **arguments)):
                yield tag.key

    # --- patches ---------------------------------------------------------------------------------

    def _changes(self, mutation: Mutation[Any]) -> Changes:
        """What it changes at once, by the key of the entry: collected once, for all the entries that it patches."""
        known = self._collected.get(id(mutation))
        if known is not None and known[0]() is mutation:
            return known[1]
        changes: Changes = {}
        if self._optimistic is not None:
            patch = Patch()
            self._optimistic(patch, **_of_function(mutation))
            for key, change in patch.changes:
                changes.setdefault(key, []).append(change)
        place = id(mutation)
        self._collected[place] = weakref.ref(mutation, lambda _: self._collected.pop(place, None)), changes
        return changes

    def patched_keys(self, mutation: Mutation[Any]) -> Iterable[str]:
        return self._changes(mutation)

    def patched(self, mutation: Mutation[Any], key: str, data: Any) -> Any:
        for change in self._changes(mutation).get(key, ()):
            changed = change(data)
            if changed is None and data is not None:
                msg = f"The optimistic patch of {self.name} returned None for {key}. Return the data, changed or not."
                raise TypeError(msg)
            data = changed
        return data

    def updated_keys(self, answer: Any) -> Iterable[str]:
        return [tag.key_of(found) for tag in self._updated for found in _found(answer, tag)]

    def updated(self, data: Any, answer: Any) -> Any:
        for tag in self._updated:
            by_key = {tag.key_of(found): found for found in _found(answer, tag)}
            if by_key:
                data = replaced(data, tag, by_key)
        return data


def _found(answer: Any, tag: Tag[Any]) -> Iterator[Any]:
    return models_in(answer, cast("type[Any]", tag.model))


def _of_function(mutation: Mutation[Any]) -> dict[str, Any]:
    return {name: value for name, value in mutation.arguments.items() if name != "run_id"}


def check_patience(name: str, seconds: float | None) -> None:
    if seconds is not None and (not seconds >= 0 or math.isnan(seconds)):
        msg = f"{name} must be 0 or more, in seconds, not {seconds!r}."
        raise ValueError(msg)
