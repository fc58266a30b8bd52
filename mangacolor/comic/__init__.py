"""An invented comic: drawings of characters who keep their colours, with every layer exact."""
