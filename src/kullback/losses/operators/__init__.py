"""The losses that kernels compute, as operators of torch: known to autograd and to torch.compile."""
