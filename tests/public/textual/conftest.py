"""What the tests of widgets share."""

from ...at_rest import pauses_until_at_rest  # noqa: F401 -- a fixture
