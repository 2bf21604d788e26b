"""What those need who run the program: settings, logs, copies of all that is kept."""
