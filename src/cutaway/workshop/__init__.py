"""What one learner has: the catalog of topics, projects and progress."""
