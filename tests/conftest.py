"""What all tests share: hypothesis profiles."""

import os

from hypothesis import settings

# The same examples in every run, none stored, no time limit for one example: a pipeline must not flicker.
settings.register_profile("ci", derandomize=True, deadline=None, database=None)
if os.environ.get("CI"):
    settings.load_profile("ci")
