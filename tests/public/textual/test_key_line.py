"""The footer: every key is on one of its pages."""

from hypothesis import given
from hypothesis import strategies as st

from rxdux.textual.key_pages import GAP, MORE, Key, pages_of

keys = st.lists(st.builds(Key, st.sampled_from("abc"), st.just("x"), st.text("w", max_size=12)), max_size=30)


@given(keys, st.integers(1, 200), st.integers(1, 3))
def test_each_key_is_on_one_page(given_keys: list[Key], width: int, rows: int) -> None:
    """None is left out, in their order; and no row is wider than the screen, if there is room for one key at all."""
    pages = pages_of(given_keys, width, rows)
    shown = [key for page in pages for row in page for key in row if key.key != MORE]
    assert shown == given_keys
    assert all(len(page) <= rows for page in pages)
    assert all([key.key for key in page[-1]][-1:] == [MORE] for page in pages) == (len(pages) > 1)
    for row in (row for page in pages for row in page):
        if len([key for key in row if key.key != MORE]) > 1:
            assert sum(key.cells + GAP for key in row) - GAP <= width
