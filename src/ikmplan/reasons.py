class NoPlan(Exception):
    def __init__(self, conflicts, stopped=False):
        self.conflicts = conflicts


def reasons(case):
    return []
