"""One folder a topic, all furnished alike."""
