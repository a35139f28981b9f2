"""Kubernetes manifests as they are meant, and the house rules they are held against; knows no specs."""
