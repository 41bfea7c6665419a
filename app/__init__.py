"""Offhook: answers and places phone calls for programs."""
