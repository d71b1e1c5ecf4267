"""What people fill in when they start a way back, and its bounds. The form's texts are the flows' docstrings."""

from typing import Annotated

from pydantic import Field

Environment = Annotated[str, Field(min_length=1)]
Incident = Annotated[str, Field(min_length=3)]
Person = Annotated[str, Field(min_length=2)]
WritesPerSecond = Annotated[float, Field(gt=0, le=1000)]
