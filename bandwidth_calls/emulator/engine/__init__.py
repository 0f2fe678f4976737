"""What plays the calls: a clock of its own, the far end of each call, the application's webhooks and its BXML."""
