from hypothesis import settings

# Machines differ: no test may fail for being slow.
settings.register_profile("corpusmill", deadline=None, max_examples=200)
settings.load_profile("corpusmill")
