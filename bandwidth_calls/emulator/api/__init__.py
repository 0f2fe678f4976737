"""The emulated HTTP API: one route table, and one file per resource."""
