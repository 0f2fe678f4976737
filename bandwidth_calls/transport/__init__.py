"""How a request leaves and what comes back: attempts, tokens, timeouts, the session. Private to the package."""
