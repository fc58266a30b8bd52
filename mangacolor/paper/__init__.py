"""The models of Liu et al., `code` and `levels`: networks, the adversarial game, its losses."""
