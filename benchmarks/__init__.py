"""Measurements. Each prints its numbers; none of them is a test."""
