"""Reading dumps: small files whole, and huge ones cut by one process into chunks that the others parse."""

from dataclasses import dataclass

from corpusmill.manifest import Input
from corpusmill.pipeline.chunks import ChunkItem, ChunkWriter, numbered_records
from corpusmill.pipeline.dumps import Dump, opened
from corpusmill.pipeline.intake import Intake, Reading
from corpusmill.pipeline.items import Done, Item, Outbox
from corpusmill.sources.records import RawRecord


@dataclass(frozen=True, kw_only=True)
class FilesItem(Item):
    """Some neighbouring files of one source."""

    dumps: tuple[Dump, ...]


def read_files(reading: Reading, item: FilesItem, outbox: Outbox) -> Done:
    """Work: whole files."""
    intake = Intake(reading, item.dumps[0].entry, outbox)
    read: list[Input] = []
    for dump in item.dumps:
        with opened(dump, read) as raw:
            for place, each in enumerate(intake.source.records(dump.path, raw)):
                outcome = intake.source.document(each) if isinstance(each, RawRecord) else each
                intake.take(dump.path, place, outcome)
    facts = intake.close()
    marks = [dump.mark for dump in item.dumps]
    return Done(inputs=read, marks=marks, ledger=intake.harvest.ledger(), facts=facts)


def cut(reading: Reading, item: FilesItem, outbox: Outbox) -> Done:
    """Work: one huge file into chunks. Its unusable and left out records are taken in here."""
    [dump] = item.dumps
    intake = Intake(reading, dump.entry, outbox)
    read: list[Input] = []
    with opened(dump, read) as raw:
        chunks = ChunkWriter(outbox, lambda: raw.size)
        for place, each in enumerate(intake.source.records(dump.path, raw)):
            if isinstance(each, RawRecord):
                chunks.add(each)
            else:
                intake.take(dump.path, place, each)
        chunks.close()
    facts = intake.close()
    return Done(inputs=read, marks=[dump.mark], ledger=intake.harvest.ledger(), facts=facts)


def read_chunk(reading: Reading, item: ChunkItem, outbox: Outbox) -> Done:
    """Work: the records of a chunk."""
    intake = Intake(reading, item.entry, outbox)
    for place, record in numbered_records(item.chunk):
        intake.take(item.path, place, intake.source.document(record))
    facts = intake.close()
    return Done(ledger=intake.harvest.ledger(), facts=facts)
