namespace DevOps.Infrastructure.Audit;

/// <summary>How many refused attempts get a line of their own: a few a minute of each kind, and not many over all, so that an attack does not fill the audit log.</summary>
internal sealed class RefusalLimit(TimeProvider time)
{
    private const int PerKind = 10;
    private const int OverAll = 300;
    private const int MaxKinds = 10_000;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Count> _kinds = new(StringComparer.Ordinal);
    private readonly Count _all = new();

    /// <summary>Asks for a line.</summary>
    /// <param name="kind">Who, from where, did what.</param>
    /// <returns>How many attempts of the kind went without one since the last; null: this one does too.</returns>
    public int? Take(string kind)
    {
        var now = time.GetUtcNow();
        lock (_lock)
        {
            if (_kinds.Count >= MaxKinds)
            {
                _kinds.Clear();
            }

            if (!_kinds.TryGetValue(kind, out var count))
            {
                _kinds[kind] = count = new Count();
            }

            if (!count.MayTake(now, PerKind) || !_all.MayTake(now, OverAll))
            {
                count.Untold++;
                return null;
            }

            count.Taken++;
            _all.Taken++;
            (var untold, count.Untold) = (count.Untold, 0);
            return untold;
        }
    }

    private sealed class Count
    {
        private DateTimeOffset _until;

        public int Taken { get; set; }

        public int Untold { get; set; }

        public bool MayTake(DateTimeOffset now, int most)
        {
            if (now >= _until)
            {
                (_until, Taken) = (now + Window, 0);
            }

            return Taken < most;
        }
    }
}
