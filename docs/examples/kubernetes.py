"""A Dask cluster on Kubernetes, for `ikmplan sweep --scheduler`.

Needs dask-kubernetes here and its operator in the cluster. IMAGE is one of your own with
the same ikmplan and Python as here: `FROM python:3.13-slim`, `COPY . /ikmplan`,
`RUN pip install -c /ikmplan/constraints.txt /ikmplan`.
"""

from __future__ import annotations

from dask_kubernetes.operator import KubeCluster

IMAGE = "registry.example.org/ikmplan:0.1.0"

if __name__ == "__main__":
    cluster = KubeCluster(
        name="ikmplan",
        image=IMAGE,
        n_workers=20,
        resources={"requests": {"cpu": "1", "memory": "2Gi"}, "limits": {"memory": "2Gi"}},
        worker_command=["dask", "worker", "--nthreads", "1"],
    )
    print(f"ikmplan sweep ... --scheduler {cluster.scheduler_address}")
    input("Enter ends the cluster.")
    cluster.close()
