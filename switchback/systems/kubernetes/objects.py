"""What we read of Kubernetes' objects; everything else in them is passed over."""

from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic.alias_generators import to_camel

T = TypeVar("T")
#: Kubernetes writes an empty list as null, or not at all.
Many = Annotated[tuple[T, ...], BeforeValidator(lambda found: found or ())]


class Object(BaseModel):
    """A part of the API's JSON, with its names in our spelling."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel)


class Metadata(Object):
    """Who an object is."""

    name: str = ""
    labels: dict[str, str] | None = None
    deletion_timestamp: str = ""  #: set when it is about to go


class Container(Object):
    """A program of a pod."""

    name: str


class PodSpec(Object):
    """What a pod should run."""

    containers: Many[Container] = ()


class Condition(Object):
    """One thing that is "True", "False" or "Unknown" of a pod."""

    type: str
    status: str


class Waiting(Object):
    """Why a container does not run yet: "CrashLoopBackOff"."""

    reason: str = ""


class ContainerState(Object):
    """What a container is doing."""

    waiting: Waiting | None = None


class ContainerStatus(Object):
    """How a container is."""

    state: ContainerState = ContainerState()


class PodStatus(Object):
    """How a pod is."""

    phase: str = ""
    conditions: Many[Condition] = ()
    container_statuses: Many[ContainerStatus] = ()


class Pod(Object):
    """A pod."""

    metadata: Metadata
    spec: PodSpec = PodSpec()
    status: PodStatus = PodStatus()

    @property
    def ready(self) -> bool:
        """It serves, and is not about to go."""
        conditions = self.status.conditions
        serves = any(condition.type == "Ready" and condition.status == "True" for condition in conditions)
        return serves and not self.metadata.deletion_timestamp

    @property
    def reasons(self) -> set[str]:
        """Why its containers wait."""
        states = (container.state.waiting for container in self.status.container_statuses)
        return {state.reason for state in states if state and state.reason}


class Template(Object):
    """What a deployment's pods are made from."""

    metadata: Metadata = Metadata()


class DeploymentSpec(Object):
    """What a deployment should be."""

    replicas: int = 1  #: Kubernetes' own default
    template: Template = Template()


class Deployment(Object):
    """A deployment."""

    metadata: Metadata
    spec: DeploymentSpec = DeploymentSpec()

    def makes(self, selector: str) -> bool:
        """Whether its pods carry the labels of an equality selector ("a=b,c=d"); it need not itself."""
        labels = self.spec.template.metadata.labels or {}
        wanted = (part.replace("==", "=").partition("=") for part in selector.split(","))
        return all(labels.get(key.strip()) == value.strip() for key, _, value in wanted)


class Rule(Object):
    """A host that an ingress serves; "" is every host."""

    host: str = ""


class IngressSpec(Object):
    """What an ingress should serve."""

    rules: Many[Rule] = ()


class Point(Object):
    """Where a load balancer listens: at an address, or only under a name."""

    ip: str = ""
    hostname: str = ""


class Balancer(Object):
    """A load balancer."""

    ingress: Many[Point] = ()


class IngressStatus(Object):
    """How an ingress is."""

    load_balancer: Balancer = Balancer()


class Ingress(Object):
    """An ingress."""

    metadata: Metadata
    spec: IngressSpec = IngressSpec()
    status: IngressStatus = IngressStatus()

    def serves(self, host: str) -> bool:
        """Whether one of its rules names the host."""
        return any(rule.host.casefold() == host.casefold() for rule in self.spec.rules)


class Listing(Object, Generic[T]):
    """A list of objects."""

    items: Many[T] = ()
