"""The parameters that people fill in when they start a way back; they render as the form in the Prefect UI."""

from typing import Annotated

from pydantic import Field

Environment = Annotated[str, Field(min_length=1, description="The environment's name, as its descriptor is called.")]
Incident = Annotated[str, Field(min_length=3, description="What happened, or the incident's number.")]
Person = Annotated[str, Field(min_length=2, description="Your name. Somebody else has to approve.")]
Rehearse = Annotated[bool, Field(description="Only look and print the plan. Switch off to really do it.")]
Resume = Annotated[str, Field(description="An unfinished attempt to carry on, as switchback status names it.")]
