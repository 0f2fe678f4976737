"""One class per resource of the API, one coroutine per operation."""
