"""The records: calls, past calls, timelines, recordings, transcriptions."""
