"""Signs that a picture was worked on."""
