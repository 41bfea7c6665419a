"""Call flows.

What a call can do, as checked data. Standard library only; no I/O, no clock, no randomness.
"""
