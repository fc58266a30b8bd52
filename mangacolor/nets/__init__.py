"""The networks: style encoder, colorizer, discriminator."""
