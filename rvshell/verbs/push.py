"""The verb that pushes pixels: files, sequences, pairs and pipes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rvshell.errors import UsageError
from rvshell.verbs.registry import verb
from rvshell.verbs.target import parse_target

if TYPE_CHECKING:
    from rvshell.verbs.context import Context

__all__: list[str] = []


@verb(
    "push IMAGE… [--tiles COLUMNSxROWS] [--stereo] [--frame FRAME] [--layer NAME] [--view NAME] "
    "[--name MEDIA] [--to TARGETS] [--fps FPS]",
    help="Send the pixels of images, not their names: any format, size and depth, so that nothing "
    "is asked of the far end's disks. Half and float stay half and float; views and layers of EXR "
    "are kept. IMAGE may be a sequence (shot.#.exr, shot.1-10#.exr). With --stereo two images are "
    "the left and the right view. --to A,B:PORT pushes to several targets at once.",
    example="push --stereo left.exr right.exr --tiles 10x10",
    scope="media",
    kinds={"COLUMNSxROWS": "size", "NAME": "text", "MEDIA": "text", "TARGETS": "text"},
)
def push(
    ctx: Context,
    image: list[str],
    tiles: tuple[int, int] = (1, 1),
    stereo: bool = False,
    frame: int | None = None,
    layer: str = "",
    view: str = "",
    name: str = "",
    to: str = "",
    fps: float = 24.0,
) -> Any:
    from rvshell.pixels.pushing import Job, Options, push_job
    from rvshell.verbs.progress import Bar

    if stereo and len(image) != 2:
        raise UsageError("push: --stereo needs two images, left and right")
    if stereo and view:
        raise UsageError("push: --stereo names the views left and right itself")
    options = Options(
        targets=_targets(ctx, to), grid=tiles, frame=frame, layer=layer, view=view, name=name,
        fps=fps, timeout=ctx.options.timeout,
    )  # fmt: skip
    if stereo:
        jobs = [Job.stereo(image[0], image[1], options)]
    else:
        jobs = [Job.of(path, options) for path in image]
    bar = Bar(ctx)
    for job in jobs:
        with bar:
            done = push_job(job, options, bar.show)
        for statistics in done.statistics:
            for text in statistics.refusals:
                ctx.complain(f"push: {job.name}: refused: {text}")
    return None


def _targets(ctx: Context, to: str) -> tuple[tuple[str, int], ...]:
    """The targets of --to, else the one of this shell."""
    words = [w for w in to.split(",") if w]
    found = [parse_target(w) for w in words] or [ctx.remote.resolve()]
    return tuple((t.host, t.port) for t in found)
