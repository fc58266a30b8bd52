from tests.batch.golden import write

write()
