"""Content for augmented reality from photos of a garment: a 2.5D preview, as GLB and USDZ."""
