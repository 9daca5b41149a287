"""Drawings and tables of the model: state charts, sequence charts, and the generated parts of SPEC.md."""
