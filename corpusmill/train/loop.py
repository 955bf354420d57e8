"""What one rank does, from joining the others to the last checkpoint.

All ranks run the same lines in step; rank 0 also writes the journal and publishes the checkpoints.
"""

import math

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor
from torch.distributed.device_mesh import DeviceMesh
from torch.distributed.tensor import DTensor

from corpusmill.errors import CorpusmillError
from corpusmill.recipe import Train
from corpusmill.tokenize.shards import open_split
from corpusmill.train import checkpoint, optim, parallel, state
from corpusmill.train.data import Windows, positions, vocabulary_size, window_at
from corpusmill.train.job import Job
from corpusmill.train.journal import Journal
from corpusmill.train.loss import IGNORED
from corpusmill.train.model import Decoder, Shape, initialise

_VALIDATION_BATCHES = 4  # of `config.batch` windows, the first of the split, which is shuffled


def run(job: Job, rank: int) -> None:
    """Train from `job.step` to the last step. `CorpusmillError` if the loss is not finite any more."""
    config, world_size = job.config, job.config.processes
    parallel.keep_freed_memory()
    device = parallel.choose_device(rank, world_size)
    dtype = parallel.compute_dtype(device)
    mesh = parallel.join(device, rank, world_size, job.scratch / "rendezvous")

    train = open_split(job.run, "train")
    windows = Windows(train, config.sequence)
    valid_windows = Windows(open_split(job.run, "valid"), config.sequence)

    model = _sharded_model(config, vocabulary_size(train), mesh, dtype)
    optimizer = optim.build(model.parameters())
    if job.checkpoint:
        state.load(model, optimizer, job.checkpoint)

    journal = Journal(job.journal) if rank == 0 else None
    if journal:
        journal.write(_opening_line(job, device, dtype, len(windows), len(valid_windows)))

    sequences = job.sequences
    for step in range(job.step + 1, config.steps + 1):
        order = positions(sequences, config.batch, rank, world_size)
        sequences += config.batch
        batch = windows.read(window_at(position, len(windows), config.seed) for position in order)
        rate = optim.learning_rate(config, step)
        loss, norm = _step(model, optimizer, batch, rate, device)
        if journal:
            tokens = sequences * config.sequence
            journal.write({"step": step, "loss": loss, "lr": rate, "grad_norm": norm, "tokens": tokens})

        if _due(step, config.validate_every, config) and len(valid_windows):
            valid_loss = _validate(model, valid_windows, config, rank, device)
            if journal:
                journal.write({"step": step, "valid_loss": valid_loss})

        if _due(step, config.checkpoint_every, config):
            folder = job.scratch / checkpoint.folder_name(step)
            state.save(model, optimizer, folder)
            if journal:
                # In this order, so that a checkpoint's steps are in the journal, whatever is cut short.
                journal.sync()
                checkpoint.publish(folder, step, sequences, job)
    dist.destroy_process_group()


def _due(step: int, every: int, config: Train) -> bool:
    return step % every == 0 or step == config.steps


def _sharded_model(config: Train, vocabulary: int, mesh: DeviceMesh, dtype: torch.dtype) -> Decoder:
    """The model with its initial weights; no rank ever holds more than one parameter whole."""
    shape = Shape(
        layers=config.layers,
        hidden=config.hidden,
        heads=config.heads,
        sequence=config.sequence,
        vocabulary=vocabulary,
    )
    with torch.device("meta"):
        model = Decoder(shape)
    parallel.shard(model, mesh, dtype)
    model.to_empty(device=mesh.device_type)
    initialise(model, config.seed)
    return model


def _step(
    model: Decoder, optimizer: torch.optim.AdamW, batch: np.ndarray, rate: float, device: torch.device
) -> tuple[float, float]:
    """Train on this rank's `batch`, int64[sequences, sequence + 1]. The loss over all ranks, in nats a token,
    and the norm of its gradient before clipping."""
    inputs, targets = _to_device(batch, device)
    # Every rank has as many targets, so FSDP's mean over the ranks is the mean over the global batch.
    loss = model(inputs, targets) / targets.numel()
    loss.backward()
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), optim.CLIP_NORM)
    norm = norm.full_tensor() if isinstance(norm, DTensor) else norm
    mean = float(_sum_over_ranks(loss)) / dist.get_world_size()
    if not (math.isfinite(mean) and math.isfinite(float(norm))):
        raise CorpusmillError(
            f"the training diverged: loss {mean}, gradient norm {float(norm)}; "
            f"lower train.learning_rate in the recipe"
        )
    optim.set_rate(optimizer, rate)
    optimizer.step()
    optimizer.zero_grad()
    return mean, float(norm)


@torch.no_grad()
def _validate(model: Decoder, windows: Windows, config: Train, rank: int, device: torch.device) -> float:
    """The mean loss, in nats a token, over the first windows of the validation split."""
    count = min(len(windows), _VALIDATION_BATCHES * config.batch)
    total = torch.zeros((), dtype=torch.float32, device=device)
    for first in range(0, count, config.batch):
        order = positions(first, config.batch, rank, config.processes)
        # Every rank runs the model as often as the others; places behind the last window count for nothing.
        inputs, targets = _to_device(windows.read(min(index, count - 1) for index in order), device)
        targets[[index >= count for index in order]] = IGNORED
        total += model(inputs, targets)
    parallel.drop_gathered(model)
    return float(_sum_over_ranks(total)) / (count * config.sequence)


def _to_device(batch: np.ndarray, device: torch.device) -> tuple[Tensor, Tensor]:
    """Inputs and targets, int64[sequences, sequence] each."""
    tokens = torch.from_numpy(batch).to(device)
    return tokens[:, :-1].contiguous(), tokens[:, 1:].contiguous()


def _sum_over_ranks(value: Tensor) -> Tensor:
    total = value.detach().clone()
    dist.all_reduce(total)
    return total


def _opening_line(
    job: Job, device: torch.device, dtype: torch.dtype, windows: int, valid_windows: int
) -> dict[str, object]:
    line: dict[str, object] = {
        "event": "resume" if job.checkpoint else "start",
        "step": job.step,
        "identity": job.identity,
        "tokens_digest": job.tokens_digest,
        "settings": job.config.settings(),
        "device": device.type,
        "compute_dtype": str(dtype).removeprefix("torch."),
        "world_size": job.config.processes,
        "torch": torch.__version__,
        "windows": windows,
        "valid_windows": valid_windows,
    }
    if device.type == "cuda":
        line["note"] = "training on GPUs has not been tested in this version"
    elif torch.cuda.is_available():
        line["note"] = (
            f"training on the CPU: {job.config.processes} processes, but {torch.cuda.device_count()} GPUs; "
            f"lower train.processes in the recipe to use them"
        )
    if job.passed_over:
        line["passed_over"] = job.passed_over
    if job.changed:
        line["changed"] = job.changed
    return line
