"""Each SLO's own proof: made-up pasts, what its alerts must say of them, and Prometheus as the judge."""
