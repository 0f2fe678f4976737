"""What is sent and what comes back, as attrs classes; one file per resource."""
