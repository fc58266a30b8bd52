"""Whether this machine can colour, and on what; imports nothing of torch."""
