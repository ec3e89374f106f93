"""OpenUSD opens the files, and its validators find nothing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pxr = pytest.importorskip("pxr", reason="usd-core is not installed; it is in the extra dev where it has a wheel")


def findings(stage: Any) -> list[str]:
    from pxr import UsdValidation

    validators = UsdValidation.ValidationRegistry().GetOrLoadAllValidators()
    assert len(validators) > 20
    return [
        f"{found.GetName()}: {found.GetMessage()}"
        for found in UsdValidation.ValidationContext(validators).Validate(stage)
    ]


@pytest.mark.parametrize("name", ["0.usdz", "1.usdz"])
def test_the_validators_find_nothing(written: Callable[[str], Path], name: str) -> None:
    from pxr import Usd, UsdGeom

    stage = Usd.Stage.Open(str(written(name)))
    assert findings(stage) == []
    assert UsdGeom.GetStageMetersPerUnit(stage) == 1.0
    (mesh,) = [prim for prim in stage.Traverse() if prim.IsA(UsdGeom.Mesh)]
    low, high = UsdGeom.Mesh(mesh).GetExtentAttr().Get()
    assert high[1] - low[1] == pytest.approx(0.7, abs=1e-4)


def test_the_validators_would_find_something(written: Callable[[str], Path], tmp_path: Path) -> None:
    import zipfile

    from pxr import Usd

    with zipfile.ZipFile(written("0.usdz")) as archive:
        scene = archive.read("garment.usda").decode()
    broken = tmp_path / "broken.usda"
    broken.write_text(scene.replace('upAxis = "Y"', ""))
    assert findings(Usd.Stage.Open(str(broken)))
