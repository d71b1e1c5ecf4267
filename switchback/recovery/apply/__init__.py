"""Applying a reviewed bundle to old, and what undoing it stands on. Call `apply.apply(dsn, folder)`."""

from switchback.recovery.apply.run import Applied, apply

__all__ = ["Applied", "apply"]
