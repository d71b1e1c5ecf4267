"""A stand-in for Azure's control plane, reached only through the real SDKs.

`python -m infra.local.azure` serves, over HTTPS with the private CA: the token issuer, ARM (DNS zones,
resource groups, locks, managed clusters), the Key Vaults, the clusters' Kubernetes APIs, and beside
them the DNS servers that answer from the same record sets. It never leaves loopback.
"""
