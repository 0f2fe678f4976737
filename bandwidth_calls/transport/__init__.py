"""How a request is sent and answered: attempts, tokens, timeouts, the session. Private to the package.

Errors travel as values in here and are raised once, at the top, so that no `__context__` holds a request's headers.
"""
