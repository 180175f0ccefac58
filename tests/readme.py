"""Writes the generated parts of the READMEs: `make readme`; `test_readme.py` checks that they are up to date.

They are the table of endpoints and the table of settings, in three languages. What a setting means stands in the code
in English; `docs/settings.toml` holds the same sentence in the other languages, each beside the English it translates.
"""

from __future__ import annotations

import ast
import inspect
import re
import tomllib
import types
import typing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import SecretStr

from gstream.cli.endpoints import endpoint_table
from gstream.generation import PLACES
from gstream.parameters import ModelParameters
from gstream.settings import ALIASES, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["LANGUAGES", "Language", "generated", "settings_table"]

ROOT: Final = Path(__file__).parent.parent
TRANSLATIONS: Final = ROOT / "docs" / "settings.toml"


@dataclass(frozen=True)
class Language:
    """A README, and the words of its tables."""

    code: str
    file: str
    endpoint_words: dict[str, str]
    """What `endpoint_table` says -> what it says here."""
    columns: tuple[str, str, str, str]
    """Heads of the table of settings: name, type, meaning, body field."""
    either: str
    """"or", between the types a setting takes."""
    default: str
    """"default", between the types of a setting and its value."""
    places: dict[str, str]
    """Setting -> where it goes, for those that are no field of the body by themselves."""
    nowhere: str
    """What stands in place of that where it goes nowhere."""


_HEADS: Final = "| name | provider | base URL | key variable | key sent as | document |"

LANGUAGES: Final = (
    Language(
        "en",
        "README.md",
        {},
        ("name", "type", "meaning", "in the request"),
        "or",
        ", default",
        {
            "model": "the path",
            "endpoint": "the URL",
            "base_url": "the URL",
            "api_key": "a header or `?key=`",
            "extra_headers": "headers",
            "extra_body": "the whole body",
        },
        "not sent",
    ),
    Language(
        "zh",
        "README.zh-CN.md",
        {
            _HEADS: "| 名称 | 服务商 | base URL | 密钥变量 | 密钥放在哪里 | 文档 |",
            "yours, in": "自行设置",
            " or ": " 或 ",
        },
        ("名称", "类型", "含义", "请求中的位置"),
        "或",
        "，默认",  # noqa: RUF001 - the comma of that language
        {
            "model": "路径",
            "endpoint": "URL",
            "base_url": "URL",
            "api_key": "请求头或 `?key=`",
            "extra_headers": "请求头",
            "extra_body": "整个请求体",
        },
        "不发送",
    ),
    Language(
        "ja",
        "README.ja.md",
        {
            _HEADS: "| 名前 | 事業者 | base URL | キーの環境変数 | キーの送り方 | 資料 |",
            "yours, in": "各自で設定",
            " or ": " または ",
        },
        ("名前", "型", "意味", "リクエストでの位置"),
        "または",
        "、既定値",
        {
            "model": "パス",
            "endpoint": "URL",
            "base_url": "URL",
            "api_key": "ヘッダーまたは `?key=`",
            "extra_headers": "ヘッダー",
            "extra_body": "本文全体",
        },
        "送らない",
    ),
)


def generated(text: str, language: Language) -> str:
    """Return a README's text with the tables between their markers made anew.

    Raises:
        ValueError: a setting has no translation, or one of an older sentence; a marker is missing.
    """
    for name, table in (("endpoints", endpoints_table(language)), ("settings", settings_table(language))):
        start, end = f"<!-- {name}: written by `make readme` -->\n", f"<!-- end of {name} -->\n"
        before, rest = text.split(start)
        _, after = rest.split(end)
        text = f"{before}{start}\n{table}\n{end}{after}"
    return text


def endpoints_table(language: Language) -> str:
    """Return the table of endpoints in the words of a language."""
    table = endpoint_table()
    for english, here in language.endpoint_words.items():
        table = table.replace(english, here)
    return table


# -- the table of settings ------------------------------------------------------------------------------------------


def settings_table(language: Language) -> str:
    """Return a row for each parameter of the two classes: where to ask and how first, then the settings."""
    own = [name for name in ModelParameters.model_fields if name not in Settings.model_fields]
    rows = ["| " + " | ".join(language.columns) + " |", "|---|---|---|---|"]
    meanings = _meanings(language)
    spellings = {name: alias for alias, name in ALIASES.items()}
    for name in (*own, *Settings.model_fields):
        field = ModelParameters.model_fields[name]
        also = f" (`{spellings[name]}`)" if name in spellings else ""
        kind = _kind(field.annotation, language)
        if field.default_factory is None and not field.is_required() and field.default is not None:
            kind += f"{language.default} `{field.default!r}`".replace("'", '"')
        rows.append(f"| `{name}`{also} | {kind} | {meanings[name]} | {_place(name, language)} |")
    return "\n".join(rows)


def _place(name: str, language: Language) -> str:
    """Return where in the request a setting goes."""
    paths = [path for path, setting in PLACES.items() if setting == name]
    if not paths:
        return language.places.get(name, language.nowhere)
    return f" {language.either} ".join(f"`{path}`" for path in paths)


_NAMES: Final[dict[object, str]] = {Any: "object", SecretStr: "str"}
"""How types are called that a user need not know."""


def _kind(annotation: Any, language: Language) -> str:
    """Return the types of a field as a user would say them; `None`, which they may leave out, is not among them."""
    return f" {language.either} ".join(dict.fromkeys(_kinds(annotation)))


def _kinds(annotation: Any) -> Iterator[str]:
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        yield from _kinds(typing.get_args(annotation)[0])
    elif origin in {typing.Union, types.UnionType}:
        for member in typing.get_args(annotation):
            yield from _kinds(member)
    elif origin is typing.Literal:
        yield from (f'`"{choice}"`' for choice in typing.get_args(annotation))
    elif origin is type:
        yield "`type`"
    elif origin in {list, dict}:
        yield f"`{origin.__name__}`"
    elif annotation is not type(None):
        yield f"`{_NAMES.get(annotation) or annotation.__name__}`"


def _meanings(language: Language) -> dict[str, str]:
    """Return the first sentence of what the code says of each field, in a language."""
    english = {name: said for cls in (Settings, ModelParameters) for name, said in _sentences(cls) if name[0] != "_"}
    if language.code == "en":
        return english
    translated = tomllib.loads(TRANSLATIONS.read_text(encoding="utf-8"))
    outdated = [name for name, said in english.items() if translated.get(name, {}).get("en") != said]
    if outdated or (outdated := sorted(set(translated) - set(english))):
        told = "\n".join(f"{name}: {english.get(name, '(no such setting)')}" for name in outdated)
        raise ValueError(f"{TRANSLATIONS.name} does not translate what the code says of these settings:\n{told}")
    return {name: str(translated[name][language.code]) for name in english}


def _sentences(cls: type[Any]) -> Iterator[tuple[str, str]]:
    """Yield each field of a class, and the first sentence of the string below it."""
    (definition,) = ast.parse(inspect.getsource(cls)).body
    statements = typing.cast("ast.ClassDef", definition).body
    for field, said in pairwise(statements):
        if isinstance(field, ast.AnnAssign) and isinstance(said, ast.Expr) and isinstance(said.value, ast.Constant):
            text = " ".join(str(said.value.value).split())
            sentence = re.split(r"(?<=[.])(?<!e\.g\.) (?=[A-Z`\"])", text)[0]
            yield ast.unparse(field.target), sentence.replace("|", "\\|")


if __name__ == "__main__":
    for written in LANGUAGES:
        path = ROOT / written.file
        path.write_text(generated(path.read_text(encoding="utf-8"), written), encoding="utf-8")
