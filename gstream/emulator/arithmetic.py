"""Sums in a prompt, worked out without running anything."""

from __future__ import annotations

import ast
import operator
import re
from typing import TYPE_CHECKING, Final

from gstream.emulator.lexicon import SUMS

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["expression_in", "value_of"]

_CANDIDATE = re.compile(r"[\d.(][\d\s.,()+\-*/^%]*[\d)]")
_OPERATORS: Final[dict[type[ast.AST], Callable[[float, float], float]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
_LARGEST_EXPONENT: Final = 64
_LARGEST_BASE: Final = 10**6


def expression_in(text: str) -> str | None:
    """Return the longest sum in the text as Python writes it, e.g. `17 * 23`; `None` where there is none."""
    for word, sign in SUMS:
        text = text.replace(word, f" {sign} ")
    found = []
    for match in _CANDIDATE.finditer(text.replace(",", "")):
        expression = " ".join(match[0].replace("^", "**").split())
        if re.search(r"[\d)]\s*[-+*/%]", expression) and value_of(expression) is not None:
            found.append(expression)
    return max(found, key=len, default=None)


def value_of(expression: str) -> float | int | None:
    """Return the value; `None` where it is no sum, has no value or would be too large."""
    try:
        return _value(ast.parse(expression, mode="eval").body)
    except (SyntaxError, ValueError, ArithmeticError):
        return None


def _value(node: ast.AST) -> float | int:
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        left, right = _value(node.left), _value(node.right)
        if isinstance(node.op, ast.Pow) and (abs(right) > _LARGEST_EXPONENT or abs(left) > _LARGEST_BASE):
            raise ValueError("too large")
        return _OPERATORS[type(node.op)](left, right)
    raise ValueError("no sum")
