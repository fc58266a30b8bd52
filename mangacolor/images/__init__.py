"""Pictures in and out, their geometry, the page's own ink, and archives: numpy and Pillow only."""
