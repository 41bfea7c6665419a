"""Stringee's platform, on the same simulated line as CALLR's.

Written from what the vendor published and what its customers' code shows, apart from the rest of
the application. Where neither tells, `StringeeReadings` has a switch. Nothing here talks to
Stringee.
"""
