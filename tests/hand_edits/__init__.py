"""Edits as values beside the same edits made by hand, over the networks of tests/models/edits."""

from __future__ import annotations

from tests.hand_edits.alexnet import ALEXNET
from tests.hand_edits.inception import INCEPTION
from tests.hand_edits.noun import MODELS as MODELS
from tests.hand_edits.noun import HandEdit as HandEdit
from tests.hand_edits.noun import HandSuggestion as HandSuggestion
from tests.hand_edits.noun import Network as Network
from tests.hand_edits.resnet50 import RESNET50
from tests.hand_edits.small_cnn import SMALL_CNN
from tests.hand_edits.suggested import SUGGESTED as SUGGESTED
from tests.hand_edits.vgg16 import VGG16

HAND_EDITS = (*ALEXNET, *VGG16, *RESNET50, *INCEPTION, *SMALL_CNN)
