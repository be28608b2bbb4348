"""How long tests wait for what must come, whoever it comes from.

On a crowded machine everything comes late, and only what never comes costs so much time. It is a little less
than what pytest gives a whole test, so that a test fails by the sentence that says what it has waited for.
Where being quick is what is tested, the bound is the test's own.
"""

from typing import Final

PATIENCE_SECONDS: Final = 45.0
