"""Short paired trainings of what an edit would change, and what may be concluded from them.

| modules | |
|---|---|
| director, candidate, racing, fleet, ahead, price | the course of a study: which runs are next, and when it is over |
| facts, estimates, statistics, planning, horizon, report | what finished runs say |
| spec, ledger, ledger_files, shelf | runs, and what is kept of them |
| train, step, masks, variants, checks, shift, network | one run |
| batched, batched_*, grouping | several runs in one stack |
| execute; pool, pool_*; ray_* | where runs are trained: what an executor is; processes of this machine; a Ray cluster |
| data, data_*; task, task_* | what is learnt, from what, and how |
"""
