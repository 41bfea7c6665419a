"""What Offhook serves over HTTP: webhooks, its own API, and what operators look at."""
