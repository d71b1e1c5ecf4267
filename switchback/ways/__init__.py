"""The ways: one runbook per file, and how an attempt at one is conducted."""
