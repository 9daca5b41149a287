"""The same tables run by the `transitions` library: the only file that knows it.

Inner loops run on the tables compiled in `table`; this executor is the independent reading of the same rows, for people
who want to step through a machine, and for the test that shows that both agree.
"""

from typing import Any

from transitions import Machine as TransitionsMachine

from .context import Context
from .table import SAME, Compiled, Machine


class Executable:
    """One machine of the model as a `transitions.Machine`. `context` is what its guards and effects look at.

    Several rules may fit one message (MAY): `fire` takes the first that is `allowed`.
    """

    def __init__(self, machine: Machine) -> None:
        """Turn every rule into a transition whose trigger is the message."""
        self.machine = machine
        self.context: Context | None = None
        self.allowed: frozenset[str] | None = None
        self.fired: Compiled | None = None
        self.state = ""
        self._engine = TransitionsMachine(
            model=self, states=list(machine.states), initial=next(iter(machine.states)), auto_transitions=False,
            send_event=True, after_state_change=[],
        )  # fmt: skip
        for rule in machine.compiled:
            for source in rule.sources:
                self._engine.add_transition(
                    trigger=rule.rule.message,
                    source=source,
                    dest=source if rule.rule.to == SAME else rule.rule.to,
                    conditions=self._condition(rule),
                    before=self._effect(rule),
                )

    def fire(self, context: Context, message: str, allowed: frozenset[str] | None = None) -> Compiled | None:
        """Give `message` to the machine in `context`; `allowed` are the keys of rules that may be taken (None: all).

        Returns the rule that fired, with its effects done and the new state written; None if no rule fits.
        """
        self.context, self.allowed, self.fired = context, allowed, None
        self._engine.set_state(self.machine.read(context), model=self)
        if message not in self._engine.events:
            return None
        valid = self._engine.get_triggers(self.machine.read(context))
        if message not in valid or not self._engine.events[message].trigger(self) or self.fired is None:
            return None
        if self.fired.rule.to != SAME:
            self.machine.write(context, self.state)
        return self.fired

    def _condition(self, rule: Compiled) -> Any:
        def holds(event: Any) -> bool:
            del event
            if self.context is None or (self.allowed is not None and rule.key not in self.allowed):
                return False
            return all(guard(self.context) is wanted for wanted, guard in rule.guards)

        return holds

    def _effect(self, rule: Compiled) -> Any:
        def act(event: Any) -> None:
            del event
            if self.context is not None:
                self.fired = rule
                for effect in rule.effects:
                    effect(self.context)

        return act
