"""The emulator's own BXML reader and vocabulary; it shares none with `bandwidth_calls.bxml`."""
