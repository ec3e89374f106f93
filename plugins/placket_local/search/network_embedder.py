"""The trained networks as an embedder: one pass of the trunk tells the vectors and the words."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np

from placket.errors import ConfigError
from placket.record import Vocabulary

from .. import embedding, network
from ..analysis import shown
from ..colors import garment_colors
from ..cutout import Cutout
from ..picture import Picture
from ..seen_cutout import seen_cutout
from ..tags import Tags, read_scores
from ..worn_kinds import FILE, reconsidered
from .embedder import Embedded

_FILES = ("trunk.onnx", "look.onnx", "tags.onnx", "heads.json", "search.npz", FILE)
"""What the vectors depend on."""


class NetworkEmbedder:
    """Embeds with the weights in the wheel."""

    look = embedding.LOOK
    color = embedding.COLOR
    color_weight = embedding.COLOR_WEIGHT

    def __init__(self, vocabulary: Vocabulary) -> None:
        labs = {term.id: vocabulary.lab(term) for term in vocabulary.terms("color")}
        self._palette = {term_id: lab for term_id, lab in labs.items() if lab is not None}

    @cached_property
    def version(self) -> str:
        """The digest of the weights; raises ConfigError when they are not installed."""
        digest = hashlib.sha256()
        for name in _FILES:
            try:
                digest.update((network.WEIGHTS / name).read_bytes())
            except OSError as error:
                raise ConfigError(
                    f"the weights of the embedded model are missing: {error}; reinstall placket"
                ) from error
        return f"placket-{digest.hexdigest()[:12]}"

    def embed(self, pictures: Sequence[Picture]) -> Sequence[Embedded]:
        """One result for each picture."""
        seen = network.see(np.stack([network.squeezed(shown(picture)) for picture in pictures]))
        looks, scores = network.look(seen), network.tag_scores(seen)
        # The vector takes the kinds as the tuned tails see them: what the other tail thinks of them is in the look.
        judged = reconsidered(scores, seen, looks)
        embedded = []
        for place, picture in enumerate(pictures):
            cutout, tags = seen_cutout(picture, seen.mask[place]), read_scores(judged, place)
            if cutout.bounding_box is None or not tags.familiar:
                embedded.append(Embedded(np.zeros(self.look, np.float32), np.zeros(self.color, np.float32)))
                continue
            vectors = embedding.embed(picture, seen, looks, scores, cutout, place)
            embedded.append(Embedded(vectors.look, vectors.color, self._words(picture, cutout, tags)))
        return embedded

    def _words(self, picture: Picture, cutout: Cutout, tags: Tags) -> Mapping[str, Mapping[str, float]]:
        guesses = {"category": tags.category, "sleeve_length": tags.sleeve, "pattern": tags.pattern}
        words = {field: {guess.term: guess.confidence} for field, guess in guesses.items() if guess is not None}
        colors = garment_colors(picture, cutout, self._palette, worn=tags.worn > 0.5)
        return {**words, "color": {seen.name: seen.confidence for seen in colors}}
