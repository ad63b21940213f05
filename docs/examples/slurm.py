"""A Dask cluster in the queue of a computing centre, for `ikmplan sweep --scheduler`.

Needs dask-jobqueue here, and the same ikmplan where the jobs run. The workers read no file
of this machine. In one terminal: python docs/examples/slurm.py; it prints the address.
"""

from __future__ import annotations

from dask_jobqueue import SLURMCluster

JOBS = 10

if __name__ == "__main__":
    cluster = SLURMCluster(
        cores=16,
        processes=16,  # one thread each: HiGHS searches once at a time in a process
        memory="32GB",
        walltime="02:00:00",
        python="/opt/ikmplan/.venv/bin/python",
    )
    cluster.scale(jobs=JOBS)
    print(f"ikmplan sweep ... --scheduler {cluster.scheduler_address}")
    input("Enter ends the cluster.")
    cluster.close()
