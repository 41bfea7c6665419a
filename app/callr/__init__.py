"""CALLR: its REALTIME10 webhook and its JSON-RPC API."""
