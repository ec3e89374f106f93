"""Pictures for a shop, really made from a garment's cut-out: pack-shots, details, collages and colours."""
