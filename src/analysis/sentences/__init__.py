"""The answers in sentences, computed from tables that may be shown."""

from analysis.sentences.responders import cannot_show, responder_answer, scope_sentence
from analysis.sentences.sides import asymmetry_answer, sides_answer

__all__ = ["asymmetry_answer", "cannot_show", "responder_answer", "scope_sentence", "sides_answer"]
