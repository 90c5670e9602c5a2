namespace DevOps.Infrastructure.Ssh;

/// <summary>Bounds the bytes on their way, first come first served. One large upload takes a quarter at most, so that a few always run side by side.</summary>
internal sealed class ByteBudget(long capacity)
{
    private readonly long _largest = Math.Max(1, capacity / 4);
    private readonly Lock _lock = new();
    private readonly LinkedList<(long Bytes, TaskCompletionSource Go)> _waiting = new();
    private long _free = capacity;

    /// <summary>Waits until there is room; what it gives back ends the claim.</summary>
    public async Task<IDisposable> TakeAsync(long bytes, CancellationToken cancellationToken)
    {
        var share = Math.Clamp(bytes, 1, _largest);
        LinkedListNode<(long Bytes, TaskCompletionSource Go)> node;
        lock (_lock)
        {
            if (_waiting.Count == 0 && _free >= share)
            {
                _free -= share;
                return new Claim(this, share);
            }

            node = _waiting.AddLast((share, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)));
        }

        using var cancelled = cancellationToken.Register(() => node.Value.Go.TrySetCanceled(cancellationToken));
        try
        {
            await node.Value.Go.Task;
        }
        catch (OperationCanceledException)
        {
            Leave(node);
            throw;
        }

        return new Claim(this, share);
    }

    private void Leave(LinkedListNode<(long Bytes, TaskCompletionSource Go)> node)
    {
        lock (_lock)
        {
            if (node.List is not null)
            {
                _waiting.Remove(node);
            }

            LetIn();
        }
    }

    private void GiveBack(long bytes)
    {
        lock (_lock)
        {
            _free += bytes;
            LetIn();
        }
    }

    private void LetIn()
    {
        while (_waiting.First is { } first && (first.Value.Go.Task.IsCompleted || _free >= first.Value.Bytes))
        {
            _waiting.RemoveFirst();
            if (first.Value.Go.TrySetResult())
            {
                _free -= first.Value.Bytes;
            }
        }
    }

    private sealed class Claim(ByteBudget budget, long share) : IDisposable
    {
        private long _share = share;

        public void Dispose()
        {
            var bytes = Interlocked.Exchange(ref _share, 0);
            if (bytes > 0)
            {
                budget.GiveBack(bytes);
            }
        }
    }
}
