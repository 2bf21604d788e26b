"""People who sign in: who they are, what they may be, how long they stay signed in."""
