"""Attacks marbles: random time lines, garbage, and random epics whose answers are worked out beside it.

python -m tests.attacks.marbles 60 1
"""

import asyncio
import random
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

import reactivex as rx
from reactivex import Observable
from reactivex import operators as ops

from rxdux import Action, ActionStream, StateStream, concat_map, exhaust_map, merge_map, of_type, switch_map
from rxdux.testing import Marbles, run_epic
from rxdux.testing.marbles import Event, draw, read

from .diced import attack_by_dice

FRAMES = (1, 7, 1_000, 100_000)  # microseconds
UNITS = {"ms": 1_000, "s": 1_000_000, "m": 60_000_000}


class Asked(Action, type="attacks/asked"):
    number: int


class Answered(Action, type="attacks/answered"):
    number: int
    state: int = 0


LETTERS = {letter: Asked(number=number) for number, letter in enumerate("abcdefgh")}


@dataclass
class Line:
    """A marble string, and what it says, both made of the same dice."""

    text: str = ""
    time: int = 0
    events: list[Event] = field(default_factory=list)

    def letter(self, letter: str, frame: int) -> None:
        self.events.append(Event(self.time, letter))
        self.text += letter
        self.time += frame

    def group(self, letters: str, frame: int) -> None:
        self.events += [Event(self.time, letter) for letter in letters]
        self.text += f"({letters})"
        self.time += frame * (len(letters) + 2)

    def pause(self, frames: int, frame: int) -> None:
        self.text += "-" * frames
        self.time += frames * frame

    def wait(self, number: int, unit: str) -> None:
        self.text += f"{' ' if self.text else ''}{number}{unit} "
        self.time += number * UNITS[unit]


def line_of(dice: random.Random, frame: int, letters: str = "abcdefgh", end: bool = True) -> Line:
    line = Line()
    for _ in range(dice.randrange(8)):
        match dice.randrange(5):
            case 0:
                line.letter(dice.choice(letters), frame)
            case 1:
                line.group("".join(dice.choices(letters, k=dice.randrange(1, 4))), frame)
            case 2:
                line.pause(dice.randrange(1, 30), frame)
            case 3:
                line.wait(dice.randrange(1, 90), dice.choice(list(UNITS)))
            case _:
                line.text += " " * dice.randrange(3)
    if end and dice.random() < 0.5:
        line.letter("|", frame)
    return line


# --- what is attacked ----------------------------------------------------------------------------


def a_line_is_read_as_it_was_made(dice: random.Random) -> None:
    frame = dice.choice(FRAMES)
    line = line_of(dice, frame)
    assert read(line.text, frame, "abcdefgh") == (line.events, line.time), line


def garbage_is_read_or_named(dice: random.Random) -> None:
    text = "".join(dice.choices("ab-()|#^ 0123456789.msz\t'", k=dice.randrange(12)))
    try:
        events, _ = read(text, 1_000, "ab")
        said = ""
    except ValueError as error:
        events, said = [], str(error)
    assert all(event.letter in "ab|#" for event in events), text
    assert not said or "position" in said or "without its" in said, text


def what_is_drawn_reads_back(dice: random.Random) -> None:
    frame = dice.choice(FRAMES)
    times = sorted(
        dice.choice((dice.randrange(10), dice.randrange(10**6), dice.randrange(10**10)))
        for _ in range(dice.randrange(9))
    )
    events = [Event(each, dice.choice("abc|#")) for each in times]
    assert read(draw(events, frame), frame)[0] == events, events
    other = [Event(event.time + (place == 0), event.letter) for place, event in enumerate(events)]
    assert (Marbles(events, frame) == Marbles(other, frame)) is (not events), events


Model = Callable[[list[tuple[int, int]], int], list[tuple[int, int]]]
"""When what was asked is answered, with a call that takes so many microseconds."""


def each_for_itself(asked: list[tuple[int, int]], takes: int) -> list[tuple[int, int]]:
    return [(at + takes, number) for at, number in asked]


def one_after_the_other(asked: list[tuple[int, int]], takes: int) -> list[tuple[int, int]]:
    answers: list[tuple[int, int]] = []
    for at, number in asked:
        begun = max(at, answers[-1][0] if answers else 0)
        answers.append((begun + takes, number))
    return answers


def only_the_latest(asked: list[tuple[int, int]], takes: int) -> list[tuple[int, int]]:
    nexts = [*(at for at, _ in asked[1:]), sys.maxsize]
    return [(at + takes, number) for (at, number), next_at in zip(asked, nexts, strict=False) if at + takes < next_at]


def only_the_first(asked: list[tuple[int, int]], takes: int) -> list[tuple[int, int]]:
    answers: list[tuple[int, int]] = []
    for at, number in asked:
        if not answers or at > answers[-1][0]:
            answers.append((at + takes, number))
    return answers


OPERATORS: list[tuple[Callable[..., object], Model]] = [
    (merge_map, each_for_itself),
    (concat_map, one_after_the_other),
    (switch_map, only_the_latest),
    (exhaust_map, only_the_first),
]


def an_epic_answers_when_it_should(dice: random.Random) -> None:
    frame = 100_000
    line = line_of(dice, frame, end=False)
    asked = [(event.time, LETTERS[event.letter].number) for event in line.events]
    takes = dice.choice((0, 1, 7, 50, 1_000)) * 100_000 + 31_250  # never the moment of another
    operator, model = dice.choice(OPERATORS)
    states = Line()
    states.letter("0", frame)
    for number in range(1, dice.randrange(1, 5)):
        states.pause(dice.randrange(40), frame)
        states.letter(str(number), frame)
    as_coroutine = dice.random() < 0.5

    def epic(actions: ActionStream, state: StateStream[int]) -> Observable[Action]:
        async def call(action: Asked) -> Answered:
            await asyncio.sleep(takes / 1e6)
            return Answered(number=action.number, state=state.value)

        def stream(action: Asked) -> Observable[Answered]:
            return rx.timer(takes / 1e6).pipe(ops.map(lambda _: Answered(number=action.number, state=state.value)))

        flatten: object = operator(call if as_coroutine else stream)
        return actions.pipe(of_type(Asked), flatten)  # pyright: ignore

    output = run_epic(
        epic,
        line.text,
        {**LETTERS, **{str(number): number for number in range(5)}},
        state=states.text,
        frame=frame / 1e6,
    )
    assert isinstance(output.marbles, Marbles)
    answers = [output.values[event.letter] for event in output.marbles.events]
    seen = [
        (event.time, answer.number, answer.state)
        for event, answer in zip(output.marbles.events, answers, strict=True)
        if isinstance(answer, Answered)
    ]
    expected = [
        (at, number, max(int(event.letter) for event in states.events if event.time <= at))
        for at, number in sorted(model(asked, takes), key=lambda answer: answer[0])
    ]
    assert seen == expected, (line.text, states.text, operator, takes, as_coroutine)


ATTACKS = [
    a_line_is_read_as_it_was_made,
    garbage_is_read_or_named,
    what_is_drawn_reads_back,
    an_epic_answers_when_it_should,
]


def attack(seconds: float, seed: int) -> tuple[int, int]:
    """Attack for so long; how many were tried, and how many survived."""
    return attack_by_dice(ATTACKS, seconds, seed)


if __name__ == "__main__":
    print(*attack(float(sys.argv[1]), int(sys.argv[2])))
