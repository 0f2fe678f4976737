"""What the tests share: a clock that is moved, a scripted API, and a proxy that does things to requests."""
