"""`cutaway topics`: what there is, in groups."""

from cutaway.cli.topics import grouped
from cutaway.workshop import catalog


def test_each_group_is_named_once(typed):
    status, out, err = typed("topics")
    assert (status, err) == (0, "")
    heads = [line for line in out.splitlines() if line and not line.startswith((" ", "cutaway"))]
    assert len(heads) == len(set(heads)) == len({t.group for t in catalog.topics().values()})


def test_a_group_stands_behind_what_its_topics_build_on():
    order = [topic.slug for topic in grouped(list(catalog.topics().values()))]
    assert order.index("http1") < order.index("cache") < order.index("cachepatterns")
