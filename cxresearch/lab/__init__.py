"""The method on trial: simulated companies with planted truth, rival estimators, coverage."""
