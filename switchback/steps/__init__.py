"""What a way back changes and proves: one file per touched system, each step look, plan, refuse, apply, look."""
