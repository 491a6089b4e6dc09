"""A counter: the smallest store there is."""

from rxdux import Slice, Store

counter = Slice("counter", initial=0)


@counter.action
def add(count: int, amount: int = 1) -> int:
    return count + amount


if __name__ == "__main__":
    with Store(counter) as store:
        store.select(lambda count: f"count: {count}").subscribe(print)  # count: 0
        store.dispatch(add())  # count: 1
        store.dispatch(add(41))  # count: 42
