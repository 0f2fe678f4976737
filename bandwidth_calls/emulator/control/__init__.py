"""The control endpoints under `/_emulator/`, and the live page."""
