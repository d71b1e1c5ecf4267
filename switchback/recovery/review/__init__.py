"""Takes back what people decided and edited, or says exactly what cannot be taken. Call `review.review(folder)`."""

from switchback.recovery.review.run import BadReview, review

__all__ = ["BadReview", "review"]
