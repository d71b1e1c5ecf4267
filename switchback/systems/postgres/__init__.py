"""Postgres, spoken to as the pipeline's own non-superuser role. Never as a superuser, never for an application."""
