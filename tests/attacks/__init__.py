"""Deliberate attacks on the promises of the library. Each module says what it attacks.

python -m tests.attacks --minutes 5
"""
