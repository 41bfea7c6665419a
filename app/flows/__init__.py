"""The operator's own work: one file per flow. Every module-level ``Flow`` is found by itself."""
