"""What a person wrote, read into values: durations, percentages, severities, times, thresholds, intents."""
