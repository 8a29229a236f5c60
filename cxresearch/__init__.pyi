from cxresearch.pages.show import peek as peek
from cxresearch.pages.show import say as say
from cxresearch.pages.show import show as show
from cxresearch.pages.show import table as table
from cxresearch.study import CannotTell as CannotTell
from cxresearch.study import InputError as InputError
from cxresearch.study import Study as Study
from cxresearch.study import finding as finding
from cxresearch.study import open_study as open_study
from cxresearch.survival import coxph as coxph

__version__: str
