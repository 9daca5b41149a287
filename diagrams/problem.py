"""What goes wrong while drawing: the message says what was found and what to do."""


class DiagramProblem(Exception):
    """Something outside the drawings is missing or broken: a program, SPEC.md's markers, or the model itself."""
