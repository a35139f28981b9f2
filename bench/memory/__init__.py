"""How early predictive memory alerts warn, and how often for nothing."""
