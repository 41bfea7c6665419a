"""The Stringee platform: its webhooks and its API."""
