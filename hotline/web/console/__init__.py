"""The console's rooms: what counselors, supervisors and responders ask for and do, over REST."""
