"""Names for the array types used in signatures. Must not know what the arrays mean."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

IntArray: TypeAlias = NDArray[np.integer]
FloatArray: TypeAlias = NDArray[np.floating]
BoolArray: TypeAlias = NDArray[np.bool_]
DayArray: TypeAlias = NDArray[np.datetime64]
