"""A wrong command line or a wrong file: the message says what was found, what was expected and what to do."""


class UsageProblem(Exception):
    """The command line or a file given to it is wrong (exit code 3). Never a verdict."""
