"""Async Python SDK for Bandwidth's Programmable Voice Calls API."""

__version__ = "0.1.0"
