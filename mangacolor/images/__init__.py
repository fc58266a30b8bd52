"""Pictures in and out, their geometry, the page's own ink, archives: no torch in any of it."""
