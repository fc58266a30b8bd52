"""`mangacolor review`: a chapter put right in the browser, with a click."""
