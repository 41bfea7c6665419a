"""What ``phone``, ``simulator`` and ``demo`` share: telephones, how calls are told, servers.

Its modules load the simulator, and with it Flask; subcommands import them when they run.
"""
