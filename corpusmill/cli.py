"""The command line: one verb a stage, `corpus` for all up to the report, `train`, and `demo` for the whole;
`check` says what a recipe resolves to.

Imports are inside the verbs: this module is loaded again by every child process that the run starts, and
`--help` should not wait for an engine.
"""

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from corpusmill import __version__
from corpusmill.errors import CorpusmillError
from corpusmill.processes import usable_cores

_MOST_WORKERS = 4096
_VERBS = {
    "ingest": "dumps to cleaned documents, rejects and the ledger",
    "filter": "who is out by the recipe's quality rules, from what ingest measured",
    "dedup": "who is a duplicate of which kept document, by exact Jaccard",
    "tokenize": "kept documents to shuffled token shards, training and validation",
    "report": "the page, its numbers, and whether the ledger balances",
    "corpus": "ingest, filter, dedup, tokenize and report, skipping what is done",
    "train": "train the recipe's model on the token shards",
    "demo": "the whole on inputs made on the spot, dumps to trained model",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb; 0 if all went well, 1 with one line on stderr for what the user can mend."""
    given = list(sys.argv[1:] if argv is None else argv)
    beam_args: list[str] = []
    if "--" in given:
        cut = given.index("--")
        given, beam_args = given[:cut], given[cut + 1 :]
    arguments = _parser().parse_args(given)
    # Beam warns of what is not installed and not needed, and logs what it raises as well.
    logging.basicConfig(level=logging.ERROR, format="%(message)s")
    logging.getLogger("apache_beam").setLevel(logging.CRITICAL)
    logging.getLogger("corpusmill").setLevel(logging.INFO)
    try:
        return _run(arguments, beam_args)
    except CorpusmillError as error:
        return _tell(arguments.verb, str(error).split("\n"))
    except OSError as error:  # a full disk, a folder that may not be written
        named = f"{error.filename}: {error.strerror}" if error.filename and error.strerror else str(error)
        return _tell(arguments.verb, [named])
    except KeyboardInterrupt:
        print(f"corpusmill {arguments.verb}: stopped; run again to go on", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="corpusmill",
        description="Raw dumps to a cleaned, exactly deduplicated, tokenized corpus, and OPT models trained "
        "on it.",
        epilog="Every verb may be killed and run again: it goes on where it stopped, to the same bytes.",
    )
    parser.add_argument("--version", action="version", version=f"corpusmill {__version__}")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    check = verbs.add_parser(
        "check",
        help="what a recipe resolves to: files, sizes, rules, first records, and what is wrong with them",
        description="Say what a recipe resolves to: its files, their sizes, the rules of each source, and "
        "the first document of each as it would be. Exits with 1 and one line a problem if it could not be "
        "run.",
    )
    _add_recipe(check)
    check.add_argument(
        "--inputs", default=".", metavar="DIR", help="folder or URL that the recipe's files lie in"
    )
    check.add_argument("--files", action="store_true", help="list every file")
    for verb, meaning in _VERBS.items():
        each = verbs.add_parser(
            verb,
            help=meaning,
            description=meaning[0].upper() + meaning[1:] + ".",
            epilog="Options after -- go to Beam, e.g.: -- --runner=SparkRunner --spark_master_url=local[4]",
        )
        _add_recipe(each)
        each.add_argument(
            "--inputs",
            required=True,
            metavar="DIR",
            help="folder or URL that the recipe's files lie in",
        )
        each.add_argument(
            "--run", type=Path, required=True, metavar="DIR", help="folder for all that is made"
        )
        each.add_argument(
            "--workers",
            type=_positive,
            default=usable_cores(),
            metavar="N",
            help="processes on this machine (default: the usable cores, %(default)s); never changes a byte",
        )
    return parser


def _add_recipe(parser: argparse.ArgumentParser) -> None:
    given = parser.add_mutually_exclusive_group(required=True)
    given.add_argument("recipe", nargs="?", type=Path, metavar="RECIPE", help="what goes in (YAML)")
    given.add_argument("--recipe", dest="recipe_file", type=Path, metavar="FILE", help="the same")


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= _MOST_WORKERS):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 to {_MOST_WORKERS}")
    return int(text)


def _run(arguments: argparse.Namespace, beam_args: list[str]) -> int:
    from corpusmill import recipe, verbs
    from corpusmill.pipeline.job import Job

    loaded = recipe.load(arguments.recipe_file or arguments.recipe)
    if beam_args:
        from corpusmill.pipeline.engine import refuse_unknown

        refuse_unknown(beam_args)
    if arguments.verb == "check":
        return _tell(arguments.verb, verbs.check(loaded, arguments.inputs, arguments.files))
    job = Job(
        recipe=loaded,
        inputs=arguments.inputs,
        run=arguments.run.absolute(),
        workers=arguments.workers,
        beam_args=beam_args,
    )
    problems: list[str] = []
    match arguments.verb:
        case "train":
            verbs.train(job)
        case "demo":
            problems = verbs.demo(job)
        case "corpus":
            problems = verbs.stages(job, verbs.CORPUS)
        case stage:
            problems = verbs.stages(job, (stage,))
    return _tell(arguments.verb, problems)


def _tell(verb: str, problems: Sequence[str]) -> int:
    for problem in problems:
        print(f"corpusmill {verb}: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
