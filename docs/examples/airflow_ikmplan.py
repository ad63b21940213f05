"""Airflow: the plan of each scenario, every first of January, by plain papermill.

Needs apache-airflow-providers-papermill in Airflow and ikmplan beside it. The notebook
refuses what is no parameter, so a misspelt name fails the task instead of being ignored.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from airflow import DAG
from airflow.providers.papermill.operators.papermill import PapermillOperator

OFFICE = "/srv/ikmplan"  # the folder of ikmplan, with data/ and notebooks/
OUT = "s3://dinas-perindustrian/plans"  # any address that papermill writes to
BUDGETS = (2_500_000_000, 3_000_000_000, 3_500_000_000)

with DAG(
    dag_id="ikmplan",
    schedule="0 5 1 1 *",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_tasks=2,  # at most one for each core of a worker
    dagrun_timeout=timedelta(hours=2),
) as dag:
    for budget in BUDGETS:
        PapermillOperator(
            task_id=f"budget_{budget}",
            input_nb=f"{OFFICE}/notebooks/plan.ipynb",
            output_nb=f"{OUT}/{{{{ ds }}}}/budget-{budget}.ipynb",
            parameters={
                "name": f"budget-{budget}",
                "data": f"{OFFICE}/data/medan-2022",
                "language": "id",
                "budget": budget,
                "floor": 0.25,
                "reasons": False,
            },
        )
