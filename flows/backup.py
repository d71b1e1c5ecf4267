"""Backup: dumped, counted, uploaded, and proven by restoring it once. One that nobody has restored is a hope."""

from prefect import flow

from tasks import blob
from tasks.inputs import Environment


@flow(name="backup", flow_run_name="backup {environment}", persist_result=False)
def backup(environment: Environment, adopt: str = "") -> str:
    """Back up the databases of the site that users are on, and prove it. Each run makes one more backup.

    Args:
        environment: The environment's name, as its descriptor is called.
        adopt: An archive in the container that somebody else made: prove that one instead. Empty for a new backup.

    """
    made = blob.adopt(environment, adopt) if adopt else blob.back_up(environment)
    blob.certify(environment, made)
    blob.retire(environment)
    return made
