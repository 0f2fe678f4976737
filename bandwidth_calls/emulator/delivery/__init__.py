"""Webhooks out: events, the outbox, the courier, and the faults that a test asks for."""
