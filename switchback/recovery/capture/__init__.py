"""Finds what changed on new since the cutover and writes it as a bundle. Reads both databases, changes neither."""

from switchback.recovery.capture.run import CutoverInFuture, Request, StandsPrepared, capture

__all__ = ["CutoverInFuture", "Request", "StandsPrepared", "capture"]
