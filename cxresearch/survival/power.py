"""The smallest effect that the data could have shown."""

import numpy as np
from scipy.special import ndtri

from cxresearch.study.intervals import z


def smallest_hazard_ratio(events: float, exposed: float, power: float = 0.8) -> float:
    """The smallest hazard ratio above 1 that a two-sided 5% test finds with the given power.

    events is the number of events, exposed the share of them expected among the exposed if there
    were no effect (for a time-varying exposure its share of the time at risk). Infinite without
    events or exposure. Source: Schoenfeld (1983), Biometrics 39.

    >>> round(smallest_hazard_ratio(100, 0.5), 2)
    1.75
    """
    information = events * exposed * (1 - exposed)
    if not information > 0:
        return np.inf
    return float(np.exp((z() + ndtri(power)) / np.sqrt(information)))
