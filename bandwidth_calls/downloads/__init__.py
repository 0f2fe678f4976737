"""Media of recordings: into memory, into a file, or as a stream. Whole, or an error."""

from bandwidth_calls.downloads.download import Download, MediaStream, SavedMedia

__all__ = ["Download", "MediaStream", "SavedMedia"]
