"""Switchback: brings a platform back from a migration. The core; it has never heard of Prefect."""
