"""What `python -m benchmarks.speed` measures with: programs, workers, memory, whole runs, stages."""
