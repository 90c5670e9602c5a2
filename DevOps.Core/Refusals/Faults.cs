namespace DevOps.Core.Refusals;

/// <summary>Collects every fault of an input, so that a person sees all of them at once.</summary>
public sealed class Faults
{
    private readonly Dictionary<string, List<Sentence>> _faults = new(StringComparer.Ordinal);

    /// <summary>True when nothing was found wrong.</summary>
    public bool None => _faults.Count == 0;

    /// <summary>Notes a fault of a field.</summary>
    public void Add(string field, Sentence error)
    {
        if (!_faults.TryGetValue(field, out var list))
        {
            _faults[field] = list = [];
        }

        list.Add(error);
    }

    /// <summary>Notes a fault when there is one.</summary>
    public void AddAny(string field, Sentence? error)
    {
        if (error is not null)
        {
            Add(field, error);
        }
    }

    /// <summary>Notes a fault when <paramref name="bad"/> holds.</summary>
    public void When(bool bad, string field, Sentence error)
    {
        if (bad)
        {
            Add(field, error);
        }
    }

    /// <summary>Refuses the input when any fault was noted.</summary>
    /// <exception cref="InvalidInput">At least one fault was noted.</exception>
    public void ThrowIfAny()
    {
        if (!None)
        {
            throw new InvalidInput(_faults.ToDictionary(f => f.Key, f => f.Value.ToArray(), StringComparer.Ordinal));
        }
    }
}
