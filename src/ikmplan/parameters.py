"""What notebooks call of `notebook.parameters`."""

from ikmplan.notebook.parameters import arguments
from ikmplan.notebook.parameters import notebook_parameters as given
