"""The difference between two rates of different people, against published limits."""

import math

from analysis.stats.two_proportions import newcombe_unpaired


def test_newcombe_gives_the_published_limits_for_different_people():
    # Newcombe RG (1998). Stat Med 17:873-890, table II, method 10, examples (a) to (h).
    published = {
        (56, 70, 48, 80): (0.0524, 0.3339),
        (9, 10, 3, 10): (0.1705, 0.8090),
        (6, 7, 2, 7): (0.0582, 0.8062),
        (5, 56, 0, 29): (-0.0381, 0.1926),
        (0, 10, 0, 20): (-0.1611, 0.2775),
        (0, 10, 0, 10): (-0.2775, 0.2775),
        (10, 10, 0, 20): (0.6791, 1.0),
        (10, 10, 0, 10): (0.6075, 1.0),
    }
    for counts, limits in published.items():
        assert tuple(round(limit, 4) for limit in newcombe_unpaired(*counts)) == limits
    assert all(math.isnan(limit) for limit in newcombe_unpaired(0, 0, 3, 5))
