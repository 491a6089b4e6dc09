"""Drafts: what a recipe changes in place of the state, each an instance of what it stands for."""

from typing import TYPE_CHECKING

from ...lazy_names import hand_on

if TYPE_CHECKING:
    from .apply_patches import PatchError, apply_patches
    from .draft import Draft
    from .patches import JsonPatch, produce_with_patches
    from .produce import current, is_draft, original, produce

__all__ = [
    "Draft",
    "JsonPatch",
    "PatchError",
    "apply_patches",
    "current",
    "is_draft",
    "original",
    "produce",
    "produce_with_patches",
]

hand_on(
    __name__,
    {
        ".apply_patches": "PatchError apply_patches",
        ".draft": "Draft",
        ".patches": "JsonPatch produce_with_patches",
        ".produce": "current is_draft original produce",
    },
)
