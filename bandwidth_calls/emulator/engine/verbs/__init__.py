"""How each BXML verb is played, one file per family."""
