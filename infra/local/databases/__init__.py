"""The platform's three databases: their names, their roles, their schemas and their seed.

Data and the SQL files beside this one; nothing here connects to anything.
"""

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class Database:
    """One database and the service that owns it."""

    service: str

    @property
    def _stem(self) -> str:
        return self.service.replace("-", "_")

    @property
    def name(self) -> str:
        """The database."""
        return f"{self._stem}_db"

    @property
    def owner(self) -> str:
        """The application's role: owns every object."""
        return f"{self._stem}_app"

    @property
    def jobs(self) -> str:
        """A second login role that may write: background jobs."""
        return f"{self._stem}_jobs"

    @property
    def secrets(self) -> dict[str, str]:
        """Role to the name of its password in each site's vault."""
        return {self.owner: f"{self.service}-db-password", self.jobs: f"{self.service}-jobs-db-password"}


DATABASES = (Database(service="publisher"), Database(service="chain"), Database(service="story-generator"))


def of(service: str) -> Database:
    """The database of a service; KeyError when there is none."""
    return {database.service: database for database in DATABASES}[service]
