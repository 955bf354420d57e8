"""The YAML of a recipe: a small part of the language, of which nothing is taken otherwise than it is
written."""

import json
from typing import Any

import yaml

_MOST_NODES = 100_000  # values, aliases counted as what they stand for; OPT's recipe has 300


def parse(text: str) -> Any:
    """What `text` says. `yaml.YAMLError`, ValueError or RecursionError if it is no YAML, gives a key twice,
    or has aliases that stand for more than anybody would write."""
    root = yaml.compose(text, yaml.SafeLoader)
    if root is not None:
        _count(root, {})
    content = yaml.load(text, _Loader)
    try:
        json.dumps(content, ensure_ascii=False, default=str).encode()  # half a surrogate pair is no text
    except TypeError as error:
        raise ValueError("the name of a field must be a text; write it in quotes") from error
    return content


def _count(node: yaml.Node, counted: dict[int, int | None]) -> int:
    """How many values a node is, each node looked at once; those that are being counted stand as None."""
    if id(node) not in counted:
        counted[id(node)] = None
        total = 1 + sum(_count(part, counted) for part in _parts(node))
        if total > _MOST_NODES:
            raise ValueError(f"more than {_MOST_NODES} values, aliases counted as what they stand for")
        counted[id(node)] = total
    known = counted[id(node)]
    if known is None:
        raise ValueError("an alias stands for something that it is part of")
    return known


def _parts(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


class _Loader(yaml.SafeLoader):
    """In plain YAML the last of two equal keys wins, without a word; here that is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        repeated = sorted({key for key in keys if keys.count(key) > 1})
        if repeated:
            raise yaml.constructor.ConstructorError(
                None, None, f"written more than once: {', '.join(repeated)}", node.start_mark
            )
        return super().construct_mapping(node, deep)
