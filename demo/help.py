"""The story of the token refresh, told in five steps."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Markdown

STORY = """
# How to get a new access token, unnoticed

1. **Sign in** (`s`, Enter). The server gives two tokens: an access token that lives 15 seconds (the green bar), and a
   refresh token that is good for one use.
2. **Let it expire** (`e`, or wait), then **fetch** (`f`). The answer is 401: `✗` in the timeline.
3. The fetch does not fail. It emits **REFRESH_TOKEN**, listens for the first REFRESH_SUCCESS until a
   REFRESH_FAILURE, and waits: `┄`.
4. The refresh brings new tokens, and the very stream that failed **starts over** with them: `↻`, then `✓`. The rows are
   there, and nobody has seen an error.
5. **Fifty at once** (`e`, then `m`): one refresh for all. Now switch single flight off (`t`), and try again: fifty
   refreshes, the second use of a refresh token looks like theft, and the session ends.

Look into every action with `i`: what it changed, the state after it, and travel in time with `[` and `]`.

| key | trouble | key | |
|---|---|---|---|
| `e` | the access token expires now | `s` `o` | sign in, sign out |
| `r` | the refresh token is revoked | `u` | sign in as another user |
| `x` | the server answers 503 | `f` `m` | fetch one page, fifty at once |
| `l` | a slow network | `/` | search; `1` to `4` sort |
| `n` | no network | `i` | the inspector |
| `k` | the server's clock is an hour ahead | `t` | naive, without single flight |

Escape goes back.
"""


class HelpScreen(ModalScreen[None]):
    """The help."""

    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen VerticalScroll { width: 84; max-width: 100%; height: 90%; border: round $primary; background: $surface; }
    """

    BINDINGS: ClassVar = [("escape,q,question_mark,h", "dismiss", "Back")]

    def compose(self) -> ComposeResult:
        with VerticalScroll() as page:
            page.border_title = "The story"
            yield Markdown(STORY)
