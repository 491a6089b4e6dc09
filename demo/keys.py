"""The keys of the demo."""

from typing import NamedTuple

from textual.binding import Binding


class Command(NamedTuple):
    """A key, the name of the action that it calls, a word for it, and what it does in words."""

    key: str
    action: str
    words: str
    explained: str

    @property
    def binding(self) -> Binding:
        """For the app, and for the screens from which it can be done as well."""
        return Binding(self.key, f"app.{self.action}", self.words)


COMMANDS = (
    Command("h", "story", "Story", "How the refresh goes, step by step; once more for the next step"),
    Command("s", "sign_in", "Sign in", "Ask for a name and a password"),
    Command("f", "fetch", "Fetch", "Fetch the page anew"),
    Command("m", "fetch_many", "50x", "Fetch fifty pages at once"),
    Command("e", "expire", "Expire", "Let the server expire all access tokens now"),
    Command("t", "naive", "Naive", "Switch single flight off or on: every fetch refreshes for itself"),
    Command("i", "inspect", "Inspect", "Look into every action, the state, and travel in time"),
    Command("w", "window", "Window", "Open a second window on the same people"),
    Command("q", "quit", "Quit", "Leave"),
    Command("v", "view", "View", "Go on to the next part: people, timeline, log of actions"),
    Command("z", "zoom", "Zoom", "Let the part that has the focus fill the screen, or not"),
    Command("left_square_bracket", "undo", "Back", "Show the state one action before"),
    Command("right_square_bracket", "redo", "On", "Show the state one action on"),
    Command("slash", "search", "Search", "Search the people"),
    Command("d", "device", "Device", "Sign in on another device: code, address and QR code"),
    Command("b", "browser", "Browser", "Sign in in a browser on this machine"),
    Command("c", "cancel", "Cancel", "Cancel the fetches under way"),
    Command("o", "sign_out", "Out", "End the session"),
    Command("u", "other_user", "User", "Sign in as the other user"),
    Command("r", "revoke", "Revoke", "Let the server revoke all refresh tokens"),
    Command("x", "server_errors", "Errors", "Switch the server's errors on or off"),
    Command("l", "slow", "Slow", "Let every answer take a second, or not"),
    Command("n", "offline", "Offline", "Switch the network off or on; changes of names wait for it"),
    Command("j", "refuse", "Reject", "Let the server refuse the next change of a name"),
    Command("k", "skewed", "Skew", "Put the server's clock an hour ahead, or back"),
)
