"""What one learner has: the catalog of topics, projects and progress.

In reading order: errors, catalog, project, starting, progress, notebook. Topics are found by looking into the
folders of `cutaway.topics`; none is named here.
"""
