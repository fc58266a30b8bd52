"""An exported model at work, for whoever colours: batch, evaluation, export."""
