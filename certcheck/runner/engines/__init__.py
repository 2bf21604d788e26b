"""The second engine: workers on many machines, that Celery gives their turns.

The record stays what counts: a message says only that there is something to do, and whoever gets
it takes the next job of the record, in its order. So the broker may lose, repeat or mix up what it
likes: where jobs wait and too few messages do, more are sent (`turns`). The first engine, processes
of the server itself, is `certcheck.runner.service`.
"""
