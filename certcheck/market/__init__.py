"""What an inspector brings from the market: photos with where they were taken, each once."""
