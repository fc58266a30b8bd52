"""Training samples from colour pictures or from real pairs."""
