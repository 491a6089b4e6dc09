"""A browser for tests: follows redirects, keeps cookies, fills in the forms that it is shown, and sends them."""

from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx

ANSWERS = {"login": "ada", "password": "lovelace"}


class _Page(HTMLParser):
    """What a page offers: a form that is sent by POST, and a way to say no."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__()
        self.action: str | None = None
        self.fields: dict[str, str] = {}
        self.refusal: str | None = None  # the address of a link
        self.feed(response.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        match tag, named:
            case "form", {"method": method, "action": action} if method.lower() == "post":
                self.action, self.fields = action, {}
            case "input", {"name": name}:
                self.fields[name] = named.get("value", "")
            case "a", {"href": href} if href.endswith("/abort"):
                self.refusal = href
            case _:
                pass


class Browser:
    """Goes through a provider's pages as a person does. Each has cookies of its own."""

    def __init__(self) -> None:
        self._client = httpx.Client(trust_env=False, timeout=10, follow_redirects=True)

    def __enter__(self) -> "Browser":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def approve(self, url: str) -> httpx.Response:
        """Open an authorization request, or a device's `verification_uri_complete`; sign in, and say yes to all.

        Returns:
            The last page: for an authorization request that of the client's redirect address.
        """
        response = self._client.get(url)
        while (page := _Page(response)).action is not None:
            fields = {name: value or ANSWERS.get(name, "") for name, value in page.fields.items()}
            response = self._client.post(urljoin(str(response.url), page.action), data=fields)
        return response

    def refuse(self, url: str) -> httpx.Response:
        """As `approve`, but say no as soon as it is offered.

        Returns:
            The page after that.
        """
        response = self._client.get(url)
        while (page := _Page(response)).action is not None:
            if page.refusal is not None:
                return self._client.get(urljoin(str(response.url), page.refusal))
            response = self._client.post(urljoin(str(response.url), page.action), data=page.fields)
        return response
