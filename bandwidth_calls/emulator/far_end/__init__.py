"""What the person at the other end of a call does."""
