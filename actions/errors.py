"""The root of every error that rxdux raises."""


class RxduxError(Exception):
    """Base of all errors of rxdux: `except RxduxError` catches each of them."""
