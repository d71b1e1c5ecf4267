"""Azurite, Microsoft's emulator of blob storage, run by the Node that comes from PyPI."""
