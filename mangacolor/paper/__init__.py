"""What the models of Liu et al. need and ours do not: the adversarial game, and its losses."""
