"""What a service's runbook says, as data: a page for each service, a section for each alert."""
