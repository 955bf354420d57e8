from corpusmill.entries import Part


class Filter(Part):
    min_lines: int | None = None
