"""The parts of SPEC.md that join the model with the suite: how each requirement is tested, and what a target states."""
