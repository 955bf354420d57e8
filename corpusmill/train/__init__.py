"""Training: an OPT decoder, sharded with FSDP2, on the token shards of a run.

`launch.train` is the entry. The driver's side (`launch`, `job`, `checkpoint`, `journal`, `data`) never loads
torch; only the rank processes do. The path on GPUs (NCCL, bf16) is written but has not been run.
"""
