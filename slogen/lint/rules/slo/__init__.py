"""Services and SLOs as they are specified."""
