"""What a drill does and measured: load, incident, outcomes, audit, verdict, and the page that shows it."""
