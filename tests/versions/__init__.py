"""The suite on the lowest and on the newest versions that pyproject.toml allows (`make test-versions`)."""
