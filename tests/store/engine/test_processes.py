"""A store on a loop that does not run, or in a process that forked: it works, or says at once why it cannot."""

import asyncio
import errno
import os
import sys
import threading

import pytest
from reactivex import Observable

from rxdux import Action, ActionStream, Reducer, Store, StoreError, concat_map, from_async, merge_map, of_type


class Go(Action, type="processes/go"):
    n: int = 0


class Out(Action, type="processes/out"):
    n: int = 0


outs = Reducer[tuple[int, ...]](())
outs.on(Out)(lambda state, action: (*state, action.n))


async def work(go: Go) -> Out:
    return Out(n=go.n)


def epic(actions: ActionStream) -> Observable[Action]:
    return actions.pipe(of_type(Go), merge_map(work))


class TestLoopThatDoesNotRun:
    def test_a_wait_with_a_timeout_names_the_loop(self) -> None:
        """It is the loop's fault, not the work's."""
        loop = asyncio.new_event_loop()

        async def make() -> Store[tuple[int, ...]]:
            return Store(outs, epics=[epic])

        store = loop.run_until_complete(make())
        store.dispatch(Go(n=1))
        with pytest.raises(TimeoutError, match="The event loop that the store was made in does not run"):
            store.wait_idle(0.01)
        with pytest.raises(RuntimeError, match="would never be idle"):
            store.wait_idle()
        loop.run_until_complete(store.idle(20))
        assert store.state == (1,)
        store.close()
        loop.close()

    def test_a_closed_loop_costs_no_restart(self) -> None:
        """The epic is told of, each time, and lives on."""
        errors: list[StoreError] = []

        async def make() -> Store[tuple[int, ...]]:
            return Store(outs, epics=[epic], on_error=errors.append)

        store = asyncio.run(make())
        for n in range(12):
            store.dispatch(Go(n=n))
        assert len(errors) == 12
        assert all("loop of this store is closed" in str(error) for error in errors)
        store.close()


class TestItsOwnLoop:
    def test_a_system_exit_of_a_coroutine_ends_that_call_only(self) -> None:
        """The loop goes on for the others, and the store closes."""
        errors: list[StoreError] = []

        async def leave_or_answer(go: Go) -> Out:
            if go.n == 1:
                sys.exit(3)
            return Out(n=go.n)

        def leaving(actions: ActionStream) -> Observable[Action]:
            return actions.pipe(of_type(Go), merge_map(leave_or_answer))

        with Store(outs, epics=[leaving], on_error=errors.append) as store:
            store.dispatch(Go(n=1))
            store.wait_idle(20)
            store.dispatch(Go(n=2))
            store.wait_idle(20)
            assert store.state == (2,)
        assert [type(error.__cause__) for error in errors] == [SystemExit]

    def test_without_files_left_the_epic_is_told_of(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nothing hangs, and the store works on once there are files again."""
        errors: list[StoreError] = []

        def refuse() -> asyncio.AbstractEventLoop:
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

        with Store(outs, epics=[epic], on_error=errors.append) as store:
            with monkeypatch.context() as patched:
                patched.setattr(asyncio, "new_event_loop", refuse)
                store.dispatch(Go(n=1))
            assert "No event loop could be started" in str(errors[0])
            store.dispatch(Go(n=2))
            store.wait_idle(20)
            assert store.state == (2,)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
class TestFork:
    def in_a_child(self, function: object) -> str:
        end, begin = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                os.write(begin, repr(function()).encode())  # type: ignore[operator]
            except BaseException as error:
                os.write(begin, repr(error).encode())
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        os.close(begin)
        with os.fdopen(end) as answer:
            return answer.read()

    @pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
    def test_asynchronous_work_goes_on_in_the_child(self) -> None:
        """On a loop of its own, and in the parent as before."""
        with Store(outs, epics=[epic]) as store:
            store.dispatch(Go(n=1))
            store.wait_idle(20)

            def dispatch_one_more() -> tuple[int, ...]:
                store.dispatch(Go(n=2))
                store.wait_idle(20)
                store.close()
                return store.state

            assert self.in_a_child(dispatch_one_more) == "(1, 2)"
            store.dispatch(Go(n=3))
            store.wait_idle(20)
            assert store.state == (1, 3)

    @pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
    def test_work_in_flight_stays_in_the_parent(self) -> None:
        """In the child the epic begins anew, so that nothing waits for an answer that cannot come."""
        may_answer = threading.Event()

        async def wait(go: Go) -> Out:
            while go.n == 1 and not may_answer.is_set():
                await asyncio.sleep(0.001)
            return Out(n=go.n)

        def waiting(actions: ActionStream) -> Observable[Action]:
            return actions.pipe(of_type(Go), concat_map(lambda go: from_async(lambda: wait(go))))

        with Store(outs, epics=[waiting], on_error=lambda error: None) as store:
            store.dispatch(Go(n=1))

            def dispatch_one_more() -> tuple[int, ...]:
                store.dispatch(Go(n=2))
                store.wait_idle(20)
                return store.state

            assert self.in_a_child(dispatch_one_more) == "(2,)"
            may_answer.set()
            store.wait_idle(20)
            assert store.state == (1,)

    @pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
    def test_a_loop_of_the_parent_is_refused_in_words(self) -> None:
        """It does not run in the child."""
        errors: list[StoreError] = []

        async def main() -> str:
            async with Store(outs, epics=[epic], on_error=errors.append) as store:

                def dispatch_one_more() -> str:
                    store.dispatch(Go(n=2))
                    return str(errors[0])

                return self.in_a_child(dispatch_one_more)

        assert "make the store after the fork" in asyncio.run(main())

    @pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
    def test_a_store_that_another_thread_was_at_work_in(self) -> None:
        """That thread is not there in the child."""
        inside, go_on = threading.Event(), threading.Event()
        store = Store(outs)

        def listener(state: object) -> None:
            inside.set()
            go_on.wait(20)

        store.subscribe(listener)
        thread = threading.Thread(target=lambda: store.dispatch(Out(n=1)))
        thread.start()
        inside.wait(20)

        def dispatch_one_more() -> tuple[int, ...]:
            go_on.set()
            store.dispatch(Out(n=2))
            return store.state

        assert self.in_a_child(dispatch_one_more) == "(1, 2)"
        go_on.set()
        thread.join()
        assert store.state == (1,)
        store.close()
