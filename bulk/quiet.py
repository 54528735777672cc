"""Imported first in the process that reading processes are split off: number libraries start no threads there.

They read these variables when they are imported, and a process that forks must have no threads.
"""

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"
