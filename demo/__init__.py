"""The demo: a real server that makes trouble on demand, and a terminal app that shows rxdux coping with it."""
