"""The clusters' Kubernetes APIs: what the procedure reads there, and the few things it changes."""
