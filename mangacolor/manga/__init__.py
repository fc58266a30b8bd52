"""What a mangaka lays over a drawing: tone, hatching, blacks, lines of motion, lettering."""
