"""What can go wrong beside the target: a wrong command line or file, and trouble on our side or on the way.

Neither is ever a verdict. Every message says what was found, what was expected and what to do.
"""


class UsageProblem(Exception):
    """The command line or a file given to it is wrong."""

    exit_code = 3


class HarnessProblem(Exception):
    """The target could not be driven or observed.

    `cause` says what was found and what was expected, `hint` says what to do; both are one sentence of plain text
    without secrets, and `str()` joins them. `exit_code` is what a run that could not go on ends with.
    """

    exit_code = 2
    lasting = False
    """Whether it is a property of the target, and the same step will meet it each time."""

    def __init__(self, cause: str, hint: str) -> None:
        super().__init__(cause, hint)
        self.cause = cause
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.cause} {self.hint}"
