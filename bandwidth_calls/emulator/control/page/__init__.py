"""The live page: one HTML file, and the events that keep it true."""
