namespace DevOps.Core.Refusals;

/// <summary>Input that cannot be accepted. Every fault is named with the field it belongs to.</summary>
public sealed class InvalidInput(IReadOnlyDictionary<string, Sentence[]> faults)
    : Refusal($"The request has fields that cannot be accepted: {Sentence.Join(" ", faults.Select(f => Sentence.Of($"{f.Key}: {Sentence.Join(" ", f.Value)}")))}")
{
    /// <summary>A single fault in a single field.</summary>
    public InvalidInput(string field, Sentence error)
        : this(new Dictionary<string, Sentence[]>(StringComparer.Ordinal) { [field] = [error] })
    {
    }

    /// <summary>Field path in the caller's spelling (<c>build.image</c>) to what is wrong with it.</summary>
    public IReadOnlyDictionary<string, Sentence[]> Faults { get; } = faults;

    /// <summary>The same in English.</summary>
    public IReadOnlyDictionary<string, string[]> Errors { get; } =
        faults.ToDictionary(f => f.Key, f => Array.ConvertAll(f.Value, fault => fault.ToString()), StringComparer.Ordinal);
}
