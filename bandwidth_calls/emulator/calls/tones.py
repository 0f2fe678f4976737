"""The tones that stand for sound: in recordings one for each channel, in media streams one for each track."""

from __future__ import annotations

# About 3 % of the largest value of 16 bits, so that it does not hurt.
LOUDNESS = 1_000
# Hertz. Whole numbers of waves fit into a second, so that it can be repeated.
TONES = (440, 330)
