"""Requests and answers as attrs classes, one file per resource."""
