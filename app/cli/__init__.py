"""The command line ``offhook``: one module for each group of subcommands.

Data goes to stdout, everything else to stderr. What is slow to import is imported by the
subcommand that needs it, so that ``offhook --help`` answers at once.
"""
