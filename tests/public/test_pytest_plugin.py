"""The pytest plugin: stores that close themselves, and tests that leave nothing running."""

import pytest

pytest_plugins = ["pytester"]

MODULE = """
    import asyncio
    import pytest
    from rxdux import Action, Reducer, of_type, switch_map

    class Begin(Action): ...
    class Done(Action): ...

    async def work(action):
        await asyncio.sleep({seconds})
        return Done()

    def working_epic(actions):
        return actions.pipe(of_type(Begin), switch_map(work))

    done = Reducer(False)
    done.on(Done)(lambda state, action: True)
    stores = []
"""


@pytest.fixture
def run(pytester: pytest.Pytester):
    def running(test: str, *, seconds: float, **outcomes: int) -> pytest.RunResult:
        pytester.makeini("[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function")
        pytester.makepyfile(MODULE.format(seconds=seconds) + test)
        result = pytester.runpytest_subprocess("-p", "no:randomly", "-p", "no:xdist")
        result.assert_outcomes(**outcomes)
        return result

    return running


@pytest.mark.slow
def test_the_factory_closes_its_stores(run) -> None:
    """After the test, whatever it forgot."""
    run(
        """
    def test_one(store_factory):
        stores.append(store_factory(done, state=True))
        assert stores[0].state

    def test_two():
        from rxdux import StoreClosedError
        with pytest.raises(StoreClosedError):
            stores[0].dispatch(Done())
    """,
        seconds=0,
        passed=2,
    )


@pytest.mark.slow
def test_a_test_that_waits_for_its_effects_passes(run) -> None:
    """With a loop or without one."""
    run(
        """
    def test_threads(store_factory):
        store = store_factory(done, epics=[working_epic])
        store.dispatch(Begin())
        store.wait_idle(timeout=20)
        assert store.state

    async def test_asyncio(store_factory):
        store = store_factory(done, epics=[working_epic])
        store.dispatch(Begin())
        await store.idle(timeout=20)
        assert store.state
    """,
        seconds=0.01,
        passed=2,
    )


@pytest.mark.slow
def test_a_test_that_leaves_effects_running_fails(run) -> None:
    """It says how many of which store, and what to do. A store that was closed has left nothing."""
    result = run(
        """
    def test_threads(store_factory):
        store_factory(done)
        store_factory(done, epics=[working_epic]).dispatch(Begin())

    async def test_asyncio(store_factory):
        store_factory(done, epics=[working_epic]).dispatch(Begin())

    def test_closed(store_factory):
        store = store_factory(done, epics=[working_epic])
        store.dispatch(Begin())
        store.close()
    """,
        seconds=60,
        passed=1,
        failed=2,
    )
    result.stdout.fnmatch_lines(["*left effects running: 1 of store 2. Await store.idle()*"])
