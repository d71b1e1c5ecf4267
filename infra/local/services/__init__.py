"""The three services of one site, small but real: every acknowledged write is committed in their database.

They share one HTTPS address and are told apart by host name, as behind an ingress.
"""

COLLECTIONS = {"publisher": "stories", "chain": "assets", "story-generator": "generations"}
OPERATION = "X-Operation"  #: header: the client's own id of a write
