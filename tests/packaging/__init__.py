"""The wheel, alone in fresh environments (`make test-wheel`)."""
