"""The line of its own in which the demo speaks: nothing is covered by what is said."""

from textual.content import Content
from textual.widgets import Static

from .news import WELCOME, News, Tone

SIGNS: dict[Tone, str] = {"plain": "•", "warning": "!", "bad": "✗"}
STYLES: dict[Tone, str] = {"plain": "", "warning": "bold $text-warning", "bad": "bold $text-error"}
ENOUGH = (70, 18)  # cells: of smaller screens it is said that they hide something
SMALL = News("80x24 shows more; v: the next part.")


class NewsLine(Static):
    """Shows the latest news; a word of the app itself stays until there is other news."""

    DEFAULT_CSS = """
    NewsLine { height: auto; min-height: 1; max-height: 3; padding: 0 1; }
    """

    def __init__(self) -> None:
        super().__init__(markup=False)
        self.news = News()

    def on_resize(self) -> None:
        if self.news in (News(), WELCOME):
            self.say(self.news)

    def show(self, news: News) -> None:
        if news != self.news:
            self.news = news
            self.say(news)

    def say(self, news: News) -> None:
        """Say something that is not in the log."""
        width, height = self.screen.size
        if news in (News(), WELCOME) and (width < ENOUGH[0] or height < ENOUGH[1]):
            news = SMALL
        self.update(Content.styled(f"{SIGNS[news.tone]} {news.words}" if news.words else "", STYLES[news.tone]))
