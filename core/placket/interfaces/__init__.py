"""What a provider can do: the five interfaces, and the words they share."""

from .ar import ArConfiguration, ARContentBuilder, ArProduct, ArProductDraft
from .base import Interface
from .call import Attempt, Call, Outcome, current_call
from .capability import Capabilities, Level
from .findings import Findings
from .garment import Garment, GarmentImage
from .image import Image
from .image_host import ImageHost
from .job import (
    FinishedJob,
    Job,
    JobState,
    JobStatus,
    Look,
    PolledJob,
    PollSchedule,
    Ticket,
    TypicalDuration,
)
from .login import LoginPrompt, ShowPrompt
from .media_type import media_type_of
from .observed import BreakerChange, BreakerState, RoutedCall
from .operation import Combine, Effect, Operation, operation, operations_of
from .paging import Listing, Page
from .ref import Ref
from .search import (
    Catalog,
    CatalogItem,
    CatalogState,
    Filter,
    Hit,
    NearDuplicate,
    Query,
    SearchResults,
    StoredItem,
    Uploaded,
    Usage,
    VisualSearch,
)
from .shoots import (
    Brief,
    BriefDraft,
    Generation,
    LookDraft,
    LookScope,
    Project,
    ProjectDraft,
    ReviewState,
    Revision,
    ShootManager,
    Sku,
    SkuDraft,
    SkuQuery,
    WantedShot,
)
from .store import (
    SORT_KEYS,
    Export,
    ExportRequest,
    Facet,
    Imported,
    Product,
    ProductChanges,
    ProductDraft,
    ProductQuery,
    ProductStore,
    SortOrder,
)
from .tagger import GarmentTagger
from .timing import Clock, Deadline, SystemClock

INTERFACES: tuple[type[Interface], ...] = (
    GarmentTagger,
    VisualSearch,
    ProductStore,
    ShootManager,
    ARContentBuilder,
)
"""The five, in the order in which they are always listed."""

__all__ = [
    "INTERFACES",
    "SORT_KEYS",
    "ARContentBuilder",
    "ArConfiguration",
    "ArProduct",
    "ArProductDraft",
    "Attempt",
    "BreakerChange",
    "BreakerState",
    "Brief",
    "BriefDraft",
    "Call",
    "Capabilities",
    "Catalog",
    "CatalogItem",
    "CatalogState",
    "Clock",
    "Combine",
    "Deadline",
    "Effect",
    "Export",
    "ExportRequest",
    "Facet",
    "Filter",
    "Findings",
    "FinishedJob",
    "Garment",
    "GarmentImage",
    "GarmentTagger",
    "Generation",
    "Hit",
    "Image",
    "ImageHost",
    "Imported",
    "Interface",
    "Job",
    "JobState",
    "JobStatus",
    "Level",
    "Listing",
    "LoginPrompt",
    "Look",
    "LookDraft",
    "LookScope",
    "NearDuplicate",
    "Operation",
    "Outcome",
    "Page",
    "PollSchedule",
    "PolledJob",
    "Product",
    "ProductChanges",
    "ProductDraft",
    "ProductQuery",
    "ProductStore",
    "Project",
    "ProjectDraft",
    "Query",
    "Ref",
    "ReviewState",
    "Revision",
    "RoutedCall",
    "SearchResults",
    "ShootManager",
    "ShowPrompt",
    "Sku",
    "SkuDraft",
    "SkuQuery",
    "SortOrder",
    "StoredItem",
    "SystemClock",
    "Ticket",
    "TypicalDuration",
    "Uploaded",
    "Usage",
    "VisualSearch",
    "WantedShot",
    "current_call",
    "media_type_of",
    "operation",
    "operations_of",
]
