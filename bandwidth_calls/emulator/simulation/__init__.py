"""The clock, the scheduler, and processes that wait on them."""
