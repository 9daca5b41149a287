"""The requirements of one layer, each with its intent, its source, and how it is tested."""

from collections.abc import Iterator

from sessionproof.diagrams.citations import NOT_STATED
from sessionproof.diagrams.tables import linked
from sessionproof.model.intents import INTENTS
from sessionproof.model.requirements import CATALOGUE, Requirement

from . import holes
from .wording import flow, mutants, stated, where


def requirements(layer: str) -> str:
    """The entries of a layer, in the order of the catalogue; each begins with its anchor."""
    return "\n\n".join("\n".join(_entry(r)) for r in CATALOGUE if r.layer == layer)


def why(what: str, identifier: str) -> str:
    """The reason for a hole, its ids as links."""
    return linked(holes.why(what, identifier))


def _entry(r: Requirement) -> Iterator[str]:
    needs = f", needs `{r.needs}`" if r.needs else ""
    yield f'<a id="{r.id}"></a>**{r.id}** · {r.level} · profile {r.profile}{needs}'
    yield ""
    yield linked(r.sentence)
    yield ""
    yield f"- *Why*: {INTENTS[r.id]}"
    yield f"- *Source*: {linked(r.source)}"
    if r in NOT_STATED:
        yield f"- *Not in the model yet*, so a run reports it `untested`: {why('rows', r.id)}"
        return
    yield f"- *In the model*: {'; '.join(stated(r))}"
    steps = flow(r.id)
    yield (f"- *Shown by*: {steps} (scope {where(r.id)})" if steps else f"- *No flow shows it*: {why('flow', r.id)}")
    names = ", ".join(f"`{mutant.name}`" for mutant in mutants(r.id))
    yield f"- *Must catch*: {names}" if names else f"- *No faulty copy breaks it*: {why('mutant', r.id)}"
