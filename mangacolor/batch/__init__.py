"""A whole chapter through ONNX Runtime: plan, journal, engine, run. Never imports torch."""
