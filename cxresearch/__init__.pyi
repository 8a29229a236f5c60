from cxresearch.episodes import build_episodes as build_episodes
from cxresearch.episodes import check_episodes as check_episodes
from cxresearch.episodes import customer_lives as customer_lives
from cxresearch.impact import cause_model as cause_model
from cxresearch.impact import customers_kept as customers_kept
from cxresearch.impact import fix_list as fix_list
from cxresearch.impact import revenue_saved as revenue_saved
from cxresearch.kpis.compliance import response_compliance as response_compliance
from cxresearch.kpis.first_contact import first_contact_resolution as first_contact_resolution
from cxresearch.kpis.retention import retention as retention
from cxresearch.kpis.scorecard import scorecard as scorecard
from cxresearch.kpis.staying_solved import recurrence as recurrence
from cxresearch.loaders import load as load
from cxresearch.outcomes import by_cause as by_cause
from cxresearch.outcomes import curves as curves
from cxresearch.outcomes import hazards as hazards
from cxresearch.outcomes.still_there import kaplan_meier as kaplan_meier
from cxresearch.pages.show import cards as cards
from cxresearch.pages.show import peek as peek
from cxresearch.pages.show import say as say
from cxresearch.pages.show import show as show
from cxresearch.pages.show import table as table
from cxresearch.study import CannotTell as CannotTell
from cxresearch.study import Finding as Finding
from cxresearch.study import InputError as InputError
from cxresearch.study import Study as Study
from cxresearch.study import finding as finding
from cxresearch.study import open_study as open_study
from cxresearch.study.whole_customers import partitions as partitions
from cxresearch.survival import coxph as coxph
from cxresearch.survival import cumulative_incidence as cumulative_incidence
from cxresearch.survival import mean_cumulative_function as mean_cumulative_function
from cxresearch.survival import rmst as rmst
from cxresearch.survival import smallest_hazard_ratio as smallest_hazard_ratio
from cxresearch.survival.curves import Curves as Curves
from cxresearch.topics.causes.refit import study_topics as study_topics
from cxresearch.topics.fit import fit_topics as fit_topics

GROUPS: dict[str, dict[str, str]]
ROOMS: dict[str, str]
__version__: str
