"""Who can sign in."""

USERS = {"ada": "lovelace", "grace": "hopper"}
"""The users of the demo, and their passwords."""
