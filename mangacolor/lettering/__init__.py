"""Speech balloons, sound effects and their words, drawn."""
