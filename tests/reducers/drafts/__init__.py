"""Drafts: recipes against plain mutation."""
