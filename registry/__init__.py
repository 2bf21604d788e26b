"""Who may do what, when; knows no pictures."""
