namespace DevOps.Core.Refusals;

/// <summary>Input that cannot be accepted. Every fault is named with the field it belongs to.</summary>
public sealed class InvalidInput(IReadOnlyDictionary<string, string[]> errors)
    : Refusal("The request has fields that cannot be accepted: " + string.Join(" ", errors.Select(e => $"{e.Key}: {string.Join(" ", e.Value)}")))
{
    /// <summary>A single fault in a single field.</summary>
    public InvalidInput(string field, string error)
        : this(new Dictionary<string, string[]>(StringComparer.Ordinal) { [field] = [error] })
    {
    }

    /// <summary>Field path in the caller's spelling (<c>build.image</c>) to what is wrong with it.</summary>
    public IReadOnlyDictionary<string, string[]> Errors { get; } = errors;
}
