"""Random recipes, run on a draft and on a deep copy: python -m tests.reducers.drafts.scripts 100000 [seed].

A script moves parts of the state to other places, into new containers and back, copies, filters,
sorts, changes, and calls `produce` on parts; on the copy the same script is plain mutation.
"""

import copy
import random
import sys
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import immutables
from pydantic import BaseModel, Field

from rxdux import State, is_draft, produce


class Item(State):
    """A frozen model in the state; in the copy, its fields are set past the freezing."""

    name: Any = 0
    tags: Any = Field(default_factory=list)
    child: Any = None


@dataclass(frozen=True)
class Point:
    """A frozen dataclass."""

    x: Any = 0
    rest: Any = field(default_factory=dict)


class Open(BaseModel):
    """A model that is not frozen."""

    value: Any = 0
    parts: Any = Field(default_factory=list)


KEYS = "abcd"
LEAVES: tuple[Any, ...] = (0, 1, 2, "x", "y", None, True, 2.5)


def make(rng: random.Random, depth: int, frozen: bool) -> Any:
    """A random part of a state; with frozen things in it or not."""
    if depth <= 0 or rng.random() < 0.15:
        return rng.choice(LEAVES)

    def inner() -> Any:
        return make(rng, depth - 1, frozen)

    def some() -> list[Any]:
        return [inner() for _ in range(rng.randrange(4))]

    def table() -> dict[str, Any]:
        return {key: inner() for key in KEYS if rng.random() < 0.6}

    kinds: list[Callable[[], Any]] = [
        some,
        some,
        table,
        table,
        lambda: Item(name=inner(), tags=some(), child=inner()) if frozen else some(),
        lambda: Point(x=inner(), rest=table()) if frozen else table(),
        lambda: Open(value=inner(), parts=some()),
        lambda: deque(some(), maxlen=6),
        lambda: OrderedDict(table()),
        lambda: defaultdict(list, table()),
        lambda: {rng.choice(LEAVES) for _ in range(3)},
        lambda: Counter(rng.choice(KEYS) for _ in range(4)),
    ]
    return rng.choice(kinds)()


def fields_of(node: Any) -> list[str]:
    if isinstance(node, BaseModel):
        return list(node.__class__.model_fields)
    return list(node.__dataclass_fields__)


def is_record(node: Any) -> bool:
    return isinstance(node, BaseModel | Point)  # as a draft is


def set_field(node: Any, name: str, value: Any) -> None:
    if is_draft(node):
        setattr(node, name, value)
    elif isinstance(node, BaseModel):
        node.__dict__[name] = value
    else:
        object.__setattr__(node, name, value)


def children(node: Any) -> list[Any]:
    if is_record(node):
        return [getattr(node, name) for name in fields_of(node)]
    if isinstance(node, dict):
        return list(node.values())
    return list(node) if isinstance(node, list | deque) and not isinstance(node, tuple) else []


def is_inner(node: Any) -> bool:
    return is_record(node) or (isinstance(node, dict | list | deque | set) and not isinstance(node, tuple))


class Script:
    """One random recipe: the same numbers lead to the same steps on a draft as on a copy.

    A frozen thing that the recipe made can be changed through the draft alone, so a script that makes
    such keeps no other names for what it put into the state.
    """

    def __init__(self, seed: int, steps: int, frozen: bool) -> None:
        self.frozen = frozen
        self.seed = seed
        self.steps = steps

    def __call__(self, root: Any) -> None:
        rng = random.Random(self.seed)
        held: list[Any] = [root]
        for _ in range(self.steps):
            self.step(rng, root, held)

    def pick(self, rng: random.Random, root: Any, held: list[Any]) -> Any:
        """A container somewhere in the state, or one that the script holds."""
        node = rng.choice(held) if rng.random() < 0.3 else root
        for _ in range(rng.randrange(4)):
            below = [part for part in children(node) if is_inner(part)]
            if not below:
                break
            node = rng.choice(below)
        return node

    def value(self, rng: random.Random, root: Any, held: list[Any]) -> Any:
        """What a script puts somewhere: a part of the state, a copy of one, something new, or both."""
        part = self.pick(rng, root, held)
        new: list[Callable[[], Any]] = [
            lambda: rng.choice(LEAVES),
            lambda: part,
            lambda: part,
            lambda: copy.copy(part),
            lambda: as_tree(part),
            lambda: [part],
            lambda: {"a": part, "b": [part, 1]},
            lambda: Open.model_construct(value=part, parts=[]),
            lambda: [each for each in children(part) if not isinstance(each, int)],
            lambda: part.copy() if isinstance(part, list | dict | set | deque) else part,
            lambda: [0, *part] if isinstance(part, list) else [part],
            lambda: [0] + part if isinstance(part, list) else part,  # noqa: RUF005 -- `+` is what is tried
            lambda: part | {"d": 1} if type(part) is dict or part.__class__ is dict else part,
            lambda: deque([part]),
            lambda: nested(part, Script(rng.randrange(1 << 30), 2, self.frozen)),
        ]
        frozen: list[Callable[[], Any]] = [
            lambda: (part, 1),
            lambda: Item(name=1, tags=[part]),
            lambda: Point(x=part),
            lambda: immutables.Map(a=part),
        ]
        return rng.choice(new + frozen if self.frozen else new)()

    def step(self, rng: random.Random, root: Any, held: list[Any]) -> None:
        node = self.pick(rng, root, held)
        value = self.value(rng, root, held)
        if rng.random() < 0.3 and is_inner(value) and not self.frozen:
            held.append(value)
        if reaches(value, node):
            return  # a state is a tree: nothing is put into itself
        if is_record(node):
            set_field(node, rng.choice(fields_of(node)), value)
        elif isinstance(node, Counter):
            node.update([rng.choice(KEYS)])
        elif isinstance(node, dict):
            key = rng.choice(KEYS)
            change_dict(rng.randrange(6), node, key, value)
        elif isinstance(node, list):
            change_list(rng.randrange(10), rng, node, value)
        elif isinstance(node, deque):
            change_deque(rng.randrange(5), node, value)
        elif isinstance(node, set):
            change_set(rng.randrange(4), node, rng.choice(LEAVES))


def change_dict(how: int, node: Any, key: str, value: Any) -> None:
    if how == 0:
        node.pop(key, None)
    elif how == 1:
        node.update({key: value})
    elif how == 2:
        node.setdefault(key, value)
    elif how == 3:
        node |= {key: value}
    elif how == 4 and len(node):
        node.popitem()
    else:
        node[key] = value


def change_list(how: int, rng: random.Random, node: Any, value: Any) -> None:
    at = rng.randrange(len(node)) if len(node) else 0
    if how == 0:
        node.insert(at, value)
    elif how == 1 and len(node):
        node.pop(at)
    elif how == 2 and len(node):
        del node[at]
    elif how == 3:
        node.reverse()
    elif how == 4:
        node.extend([value, 1])
    elif how == 5:
        node += [value]
    elif how == 6:
        node[at : at + 1] = [value]
    elif how == 7:
        node.sort(key=lambda each: str(type(each).__name__)[:1])
    elif how == 8 and len(node):
        node[at] = value
    else:
        node.append(value)


def change_deque(how: int, node: Any, value: Any) -> None:
    if how == 0:
        node.appendleft(value)
    elif how == 1 and len(node):
        node.popleft()
    elif how == 2:
        node.rotate(1)
    elif how == 3 and len(node):
        node[0] = value
    else:
        node.append(value)


def change_set(how: int, node: Any, value: Any) -> None:
    if how == 0:
        node.discard(value)
    elif how == 1:
        node |= {value}
    elif how == 2:
        node.update({value})
    else:
        node.add(value)


def nested(part: Any, script: Script) -> Any:
    """What `produce` gives of a part; on the copy that is a copy of the part, changed."""
    if not is_inner(part):
        return part
    if is_draft(part):
        return as_tree(produce(part, script))  # a script changes it further, which is not for produced states
    new = as_tree(part)
    script(new)
    return as_tree(new)


def as_tree(value: Any) -> Any:
    """A deep copy in which what stands in two places is two things: what `produce` takes a state for."""
    return copy.deepcopy(value, OfEachItsOwn())


class OfEachItsOwn(dict[int, Any]):
    """The memory of a deep copy, without one."""

    def get(self, key: int, default: Any = None) -> Any:
        return default


def reaches(value: Any, node: Any) -> bool:
    """Whether a container is inside a value."""
    if value is node:
        return True
    if isinstance(value, immutables.Map):
        return any(reaches(part, node) for part in value.values())
    if isinstance(value, tuple):
        return any(reaches(part, node) for part in value)
    return any(reaches(part, node) for part in children(value)) if is_inner(value) else False


def shape(value: Any) -> Any:
    """What a value is, class by class: 1 and True differ here, and so do a list and its draft."""
    cls = type(value)
    if is_draft(value):
        return ("DRAFT", repr(value))
    if is_record(value):
        return (cls, [(name, shape(getattr(value, name))) for name in fields_of(value)])
    if isinstance(value, dict):
        return (cls, [(key, shape(part)) for key, part in value.items()])
    if isinstance(value, immutables.Map):
        return (cls, {key: shape(part) for key, part in value.items()})
    if isinstance(value, list | tuple | deque):
        return (cls, getattr(value, "maxlen", None), [shape(part) for part in value])
    if isinstance(value, set):
        return (cls, sorted(map(repr, value)))
    return (cls, value)


def wrong(seed: int) -> str | None:
    """Run one script both ways; say what is wrong, if anything is."""
    rng = random.Random(seed)
    frozen = rng.random() < 0.5
    state = make(rng, 4, frozen)
    if not is_inner(state):
        state = [state]
    script = Script(rng.randrange(1 << 30), rng.randrange(1, 9), frozen)
    before, expected = shape(state), copy.deepcopy(state)
    script(expected)
    try:
        after = produce(state, script)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    if shape(state) != before:
        return "the original was touched"
    if shape(after) != shape(expected):
        return f"{after!r} instead of {expected!r}"
    if shape(after) == before and after != state:
        return "a change of nothing"
    return None


def run(scripts: int, first: int = 0) -> list[tuple[int, str]]:
    """The seeds that went wrong, and how."""
    return [(seed, told) for seed in range(first, first + scripts) if (told := wrong(seed)) is not None]


if __name__ == "__main__":
    count, start = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1 << 40)
    print(f"{count:,} scripts, from seed {start}")
    bad = run(count, start)
    for seed, told in bad[:20]:
        print(f"seed {seed}: {told:.300}")
    print(f"tried {count:,}, wrong {len(bad):,}")
    sys.exit(bool(bad))
