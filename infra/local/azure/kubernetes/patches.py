"""The changes that a deployment takes. Anything else in a patch is refused, not ignored."""

from pydantic import BaseModel, ConfigDict, Field

from infra.local.azure.kubernetes.workloads import Deployment, Template


class _Patch(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Scale(_Patch):
    replicas: int = Field(ge=0)


class ScalePatch(_Patch):
    """A merge patch of a deployment's scale."""

    spec: _Scale

    def apply(self, deployment: Deployment) -> Deployment:
        """The deployment with that many replicas."""
        return deployment.model_copy(update={"replicas": self.spec.replicas})


class _Container(_Patch):
    name: str = ""
    image: str


class _PodSpec(_Patch):
    containers: tuple[_Container, ...] = Field(min_length=1, max_length=1)


class _Metadata(_Patch):
    annotations: dict[str, str] = Field(default_factory=dict)


class _Template(_Patch):
    metadata: _Metadata = _Metadata()
    spec: _PodSpec | None = None


class _Spec(_Patch):
    replicas: int | None = Field(default=None, ge=0)
    template: _Template | None = None


class DeploymentPatch(_Patch):
    """A merge patch of a deployment."""

    spec: _Spec

    def apply(self, deployment: Deployment) -> Deployment:
        """The deployment as patched; another template is another revision, even if it was there before."""
        template, wanted = deployment.template, self.spec.template
        if wanted is not None:
            image = wanted.spec.containers[0].image if wanted.spec else template.image
            template = Template(image=image, annotations={**template.annotations, **wanted.metadata.annotations})
        revisions = deployment.revisions if template == deployment.template else (*deployment.revisions, template)
        replicas = deployment.replicas if self.spec.replicas is None else self.spec.replicas
        return deployment.model_copy(update={"replicas": replicas, "revisions": revisions})
