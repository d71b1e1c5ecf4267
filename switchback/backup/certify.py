"""The restore certificate: a backup is proven by restoring it once, aside, and comparing every table.

The asides are dropped again; what the platform's databases hold is not touched.
"""

import time
from datetime import UTC, datetime

from switchback.backup import fetch, manifest, restore, workshop
from switchback.backup.manifest import Certificate, Dump, Manifest, Part
from switchback.backup.notes import Contents
from switchback.backup.restore import Mark
from switchback.domain.model import Side
from switchback.domain.together import together
from switchback.settings import Environment
from switchback.systems.depot import Depot
from switchback.systems.postgres import pipeline


def certify(environment: Environment, depot: Depot, sealed: Manifest, side: Side) -> Certificate:
    """Restore a backup aside on that site's server, compare it with its manifest, and keep the certificate.

    Raises what fetching and restoring raise; then there is no certificate, and the backup is never chosen.
    """
    began = time.monotonic()
    with workshop.folder(f"certify-{environment.name}") as folder:
        files = fetch.fetch(depot, sealed, folder)
        with pipeline.session(environment, side) as session:
            restore.refuse_unless_fits(session, [dump.contents for dump in sealed.dumps])
            version = session.info.server_version

        def prove(dump: Dump) -> Contents:
            mark = Mark(
                run=f"certify-{sealed.backup}",
                database=dump.contents.database,
                backup=sealed.backup,
                manifest=sealed.digest,
            )
            try:
                return restore.aside(environment, side, dump, files[mark.database], mark)
            finally:
                restore.sweep(environment, side, mark.run, mark.database, proven=True)

        restored = together(sealed.dumps, prove)
    return keep(depot, sealed, version, time.monotonic() - began, sum(one.rows for one in restored))


def keep(depot: Depot, sealed: Manifest, version: int, seconds: float, rows: int) -> Certificate:
    """Write the certificate of a backup that was restored and compared, beside it."""
    proof = Certificate(
        backup=sealed.backup,
        manifest=sealed.digest,
        archive=sealed.archive.sha256,
        restored_at=datetime.now(UTC),
        server_version=version,
        seconds=round(seconds, 3),
        rows=rows,
    ).sealed()
    depot.write(manifest.place(sealed.environment, sealed.backup, Part.CERTIFICATE), manifest.dump(proof))
    return proof
