"""Text engines behind one small interface."""
