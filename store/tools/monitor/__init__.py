"""Looks at apps that are somewhere else, as the Redux DevTools do: listens to them, and asks things of them."""
