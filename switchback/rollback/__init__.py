"""One attempt at a way back, over its journal."""
