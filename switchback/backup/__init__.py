"""Backups with proof: taken with what they hold written down, restored once to prove it, chosen by that proof.

Works on one environment's databases and its depot of blobs. Never changes a database of the platform: what is
restored goes into databases aside, and only `swap` gives them the platform's names.
"""
