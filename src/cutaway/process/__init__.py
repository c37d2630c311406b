"""Programs of any language: started, watched, and ended with everything they started."""
